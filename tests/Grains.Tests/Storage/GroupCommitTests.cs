using Krewe.Storage;
using Xunit;

namespace Krewe.Grains.Tests.Storage;

public sealed class GroupCommitTests
{
    private readonly List<List<string>> _batches = [];
    private readonly List<TaskCompletionSource<StepAnswer[]>> _calls = [];
    private readonly GroupCommit _commits;

    public GroupCommitTests() => _commits = new GroupCommit(steps =>
    {
        _batches.Add([.. steps.Select(step => step.Id)]);
        _calls.Add(new TaskCompletionSource<StepAnswer[]>());
        return _calls[^1].Task;
    });

    [Fact]
    public async Task Commit_WhenItIsAlone_GoesOutAtOnce()
    {
        var commit = _commits.CommitAsync([Step("a")]);
        Answer(0);

        Assert.Single(await commit);
        Assert.Equal([["a"]], _batches);
    }

    [Fact]
    public async Task Commit_WhenOneIsUnderWay_TravelsWithTheNextInOrderAndGetsItsOwnAnswers()
    {
        var first = _commits.CommitAsync([Step("a")]);
        var second = _commits.CommitAsync([Step("b"), Step("c")]);
        var third = _commits.CommitAsync([Step("d")]);
        Answer(0);
        Answer(1);

        await first;
        Assert.Equal([["a"], ["b", "c", "d"]], _batches);
        Assert.Equal(["b", "c"], (await second).Select(answer => answer.HolderId));
        Assert.Equal(["d"], (await third).Select(answer => answer.HolderId));
    }

    [Fact]
    public async Task Commit_WhenItHoldsNothing_EndsWithWhatCameBeforeAndAsksNobody()
    {
        var first = _commits.CommitAsync([Step("a")]);
        var nothing = _commits.CommitAsync([]);
        Assert.False(nothing.IsCompleted);
        Answer(0);

        await first;
        Assert.Empty(await nothing);
        Assert.Empty(await _commits.CommitAsync([]));
        Assert.Equal([["a"]], _batches);
    }

    [Fact]
    public async Task Commit_WhenMuchWaits_StaysBelowTheBounds()
    {
        var commits = Enumerable.Range(0, 600).Select(number => _commits.CommitAsync([Step($"{number}")])).ToList();
        while (commits.Exists(commit => !commit.IsCompleted))
        {
            Answer(_calls.Count - 1);
        }

        await Task.WhenAll(commits);
        Assert.Equal([1, 256, 256, 87], _batches.Select(batch => batch.Count));
        Assert.Equal(Enumerable.Range(0, 600).Select(number => $"{number}"), _batches.SelectMany(batch => batch));
    }

    [Fact]
    public async Task Commit_WhenRecordsAreLarge_CarriesFewOfThem()
    {
        var commits = Enumerable.Range(0, 4).Select(number => _commits.CommitAsync([Step($"{number}", bytes: 600_000)])).ToList();
        while (commits.Exists(commit => !commit.IsCompleted))
        {
            Answer(_calls.Count - 1);
        }

        await Task.WhenAll(commits);
        Assert.Equal([1, 1, 1, 1], _batches.Select(batch => batch.Count));
    }

    [Fact]
    public async Task Commit_WhenOneFails_FailsWithAllThatWait()
    {
        var first = _commits.CommitAsync([Step("a")]);
        var second = _commits.CommitAsync([Step("b")]);
        _calls[0].SetException(new StoreUnavailableException("Away."));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => second);
        Assert.Equal([["a"]], _batches);
    }

    [Fact]
    public async Task Commit_WhenTheStoreFailsInAnUnknownWay_SaysThatItIsUnavailable()
    {
        var commit = _commits.CommitAsync([Step("a")]);
        _calls[0].SetException(new InvalidOperationException("Odd."));

        var thrown = await Assert.ThrowsAsync<StoreUnavailableException>(() => commit);
        Assert.Equal("The store failed in an unexpected way; the silo's log tells more.", thrown.Message);
    }

    private void Answer(int call) => _calls[call].TrySetResult([.. _batches[call].Select(id => new StepAnswer(StepResult.Taken, HolderId: id))]);

    private static JobStep Step(string id, int bytes = 0) => new()
    {
        Verb = JobVerb.Add, Id = id, From = JobPlace.Nowhere, To = JobPlace.Ready, Record = new Krewe.Jobs.JobRecord { Id = id, Name = "test", Args = new byte[bytes] },
    };
}
