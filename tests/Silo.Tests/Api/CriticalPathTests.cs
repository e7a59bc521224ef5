using Krewe.Api;
using Xunit;

namespace Krewe.Silo.Tests.Api;

public sealed class CriticalPathTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, JobInfo> _known = [];

    [Fact]
    public void Of_AChain_IsItsStartedSteps() =>
        Assert.Equal(["a", "b"], Path(Node("chain", Done("a"), Running("b"), Job("c", JobState.Waiting))));

    [Fact]
    public void Of_AGroupThatEnded_IsTheMemberThatEndedLast() =>
        Assert.Equal(["b"], Path(Node("group", Done("a", 0, 5), Done("b", 1, 9), Done("c", 2, 8))));

    [Fact]
    public void Of_AGroupThatRuns_IsTheMemberThatRunsLongest() =>
        Assert.Equal(["c"], Path(Node("group", Done("a", 0, 50), Running("b", 3), Running("c", 2), Running("d"), Job("e", JobState.Waiting))));

    [Fact]
    public void Of_AChord_IsTheLastMemberAndTheBody() =>
        Assert.Equal(["first", "b", "body"], Path(Node("chain", Done("first"), Node("chord", Node("group", Done("a", 1, 2), Done("b", 1, 3)), Done("body", 3, 4)))));

    [Fact]
    public void Of_NestedFlows_FollowsTheOneThatEndedLast() =>
        Assert.Equal(["c", "e", "f"], Path(Node("group", Node("chain", Done("a", 0, 1), Done("b", 1, 6)), Node("chain", Done("c", 0, 2), Node("group", Done("d", 2, 3), Done("e", 2, 5)), Done("f", 5, 7)))));

    [Fact]
    public void Of_AFailedChain_EndsWithWhatFailed() =>
        Assert.Equal(["a", "b"], Path(Node("chain", Done("a"), Job("b", JobState.Failed), Job("c", JobState.Cancelled))));

    [Fact]
    public void Of_ACancelledJobThatRan_IsOnThePath()
    {
        _known["a"] = Info("a", JobState.Cancelled) with { StartedAt = Start, FinishedAt = Start };
        _known["b"] = Info("b", JobState.Cancelled);

        Assert.Equal(["a"], Path(Node("chain", Job("a", JobState.Cancelled), Job("b", JobState.Cancelled))));
    }

    [Fact]
    public void Of_AFlowThatHasNotBegun_IsEmpty() => Assert.Empty(Path(Node("chain", Node("group"), Job("a", JobState.Waiting))));

    [Fact]
    public void Of_Callbacks_LeavesThemOut()
    {
        var root = Node("chain", Done("a"));
        root.Callbacks.Add(Done("alert", 8, 9));

        Assert.Equal(["a"], Path(root));
    }

    [Fact]
    public void JobsToRead_OfManyMembers_AreTheRunningOnesThenTheLast()
    {
        var members = Enumerable.Range(0, 300).Select(number => number is 5 or 7 ? Running($"{number}") : number == 299 ? Job("299", JobState.Waiting) : Done($"{number}")).ToArray();

        var read = CriticalPath.JobsToRead(Node("chain", Done("first"), Node("group", Done("only")), Node("group", members)));

        Assert.Equal(200, read.Count);
        Assert.Equal(["7", "5", "298", "297"], read.Take(4));
    }

    [Fact]
    public async Task ReadAsync_WhenThePartitionOfAMemberIsAway_GoesByTheOthers()
    {
        const string known = "default~0~known", away = "default~1~away";
        var jobs = new FakeJobs();
        jobs.Add(JobState.Succeeded, known).Info = Info(known, JobState.Succeeded) with { StartedAt = Start, FinishedAt = Start.AddSeconds(1) };
        jobs.Add(JobState.Succeeded, away).InfoFailure = new StoreUnavailableException("Its node is away.");

        var path = await CriticalPath.ReadAsync(Node("group", Job(away, JobState.Succeeded), Job(known, JobState.Succeeded)), jobs, TestContext.Current.CancellationToken);

        Assert.Equal([known], path);
    }

    [Fact]
    public void JobsToRead_OfAChain_AreThoseThatMayNeverHaveRun() =>
        Assert.Equal(["b"], CriticalPath.JobsToRead(Node("chain", Done("a"), Job("b", JobState.Cancelled))));

    private IReadOnlyList<string> Path(FlowTreeNode root) => CriticalPath.Of(root, _known);

    private FlowTreeNode Done(string id, int startSeconds = 0, int endSeconds = 1)
    {
        _known[id] = Info(id, JobState.Succeeded) with { StartedAt = Start.AddSeconds(startSeconds), FinishedAt = Start.AddSeconds(endSeconds) };
        return Job(id, JobState.Succeeded);
    }

    private FlowTreeNode Running(string id, int? startSeconds = null)
    {
        _known[id] = Info(id, JobState.Running) with { StartedAt = startSeconds is { } seconds ? Start.AddSeconds(seconds) : null };
        return Job(id, JobState.Running);
    }

    private static FlowTreeNode Job(string id, JobState state) => new("job", "member", state, id, "a.b", [], []);

    private static FlowTreeNode Node(string kind, params FlowTreeNode[] children) => new(kind, "member", JobState.Running, null, null, [.. children], []);

    private static JobInfo Info(string id, JobState state) => new() { Id = id, Name = "a.b", Queue = "default", State = state };
}
