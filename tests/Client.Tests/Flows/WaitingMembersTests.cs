using Krewe.Client.Tests.Fakes;
using Krewe.Jobs;
using Xunit;

namespace Krewe.Client.Tests.Flows;

/// <summary>A member of a flow whose turn has not come has no record; its flow answers for it.</summary>
public sealed class WaitingMembersTests
{
    private const string JobId = "default~0~f.1";

    private static readonly DateTimeOffset Created = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);

    private readonly FakeCluster _cluster = new();
    private readonly FakeQueue _queue;
    private readonly FakeFlow _flow;
    private readonly JobHandle _job;

    public WaitingMembersTests()
    {
        (_queue, _flow) = (_cluster.Queue(), _cluster.Flow("f"));
        _job = _cluster.Client().GetHandle(JobId);
        _queue.Ending = static id => new JobEnding { JobId = $"default~0~{id}", IsKnown = false };
        _flow.Info = new FlowInfo { Id = "f", State = JobState.Running, CreatedAt = Created, ParentId = "default~0~p" };
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetInfoAsync_WhenItsTurnHasNotCome_TellsOfItsFlow()
    {
        Stands(JobState.Waiting);

        var info = await _job.GetInfoAsync(Cancellation);

        Assert.Equal((JobId, "flow.count", "default", JobState.Waiting, "f"), (info!.Id, info.Name, info.Queue, info.State, info.FlowId));
        Assert.Equal((Created, null, "default~0~p", "Its turn in the flow 'f' has not come."), (info.EnqueuedAt, info.FinishedAt, info.ParentId, info.Reason));
    }

    [Fact]
    public async Task GetInfoAsync_WhenItsTurnWillNotCome_IsCancelledWithTheReason()
    {
        Stands(JobState.Cancelled);
        Assert.Equal((JobState.Cancelled, "Its turn in the flow 'f' will not come: a member before it did not succeed."), await InfoAsync());

        _flow.Info = _flow.Info! with { Error = new FlowError("default~0~f.9", "flow.sum", "A.B", "no", 1), FinishedAt = Created };
        Assert.Equal((JobState.Cancelled, "Its turn in the flow 'f' will not come: 'default~0~f.9' did not succeed (A.B: no)."), await InfoAsync());

        _flow.Info = _flow.Info! with { Reason = "not wanted" };
        Assert.Equal((JobState.Cancelled, "not wanted"), await InfoAsync());
    }

    [Fact]
    public async Task GetInfoAsync_WhenItsTurnCameMeanwhile_AsksItsOwnerAgain()
    {
        Stands(JobState.Running);
        var asked = 0;
        _queue.OnInfo = _ => ++asked == 1 ? null : new JobInfo { Id = JobId, Name = "flow.count", Queue = "default", State = JobState.Queued };

        Assert.Equal(JobState.Queued, (await _job.GetInfoAsync(Cancellation))!.State);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task GetInfoAsync_WhileItsRecordIsMade_Waits()
    {
        Stands(JobState.Running);

        Assert.Equal((JobState.Waiting, "The flow 'f' is enqueueing it."), await InfoAsync());
    }

    [Theory]
    [InlineData(JobId, JobState.Succeeded)]
    [InlineData("default~0~f.0", JobState.Waiting)]
    [InlineData("default~0~f.7", JobState.Waiting)]
    [InlineData("default~0~g.1", JobState.Waiting)]
    [InlineData("default~0~plain", JobState.Waiting)]
    [InlineData("low~0~f.1", JobState.Waiting)]
    public async Task GetInfoAsync_WhenTheFlowDoesNotAnswerForIt_IsUnknown(string jobId, JobState state)
    {
        Stands(state);

        Assert.Null(await _cluster.Client().GetHandle(jobId).GetInfoAsync(Cancellation));
    }

    [Fact]
    public async Task GetInfoAsync_WhenItIsThere_AsksNoFlow()
    {
        _queue.OnInfo = _ => new JobInfo { Id = "default~0~h.1", Name = "a", Queue = "default", State = JobState.Queued };

        Assert.NotNull(await _cluster.Client().GetHandle("default~0~h.1").GetInfoAsync(Cancellation));
        Assert.DoesNotContain(_cluster.Flows, flow => flow.Id == "h");
    }

    [Fact]
    public async Task WaitAsync_WhenItsTurnComesAndItEnds_TellsTheEnd()
    {
        Stands(JobState.Waiting);
        _flow.Ends = [("default~0~f.0", JobState.Succeeded), (JobId, JobState.Succeeded)];
        var calls = 0;
        _flow.OnAwaitEnds = _ =>
        {
            if (++calls == 1)
            {
                Stands(JobState.Running);
            }
            else
            {
                _queue.Ending = id => _queue.Ended(id, JobState.Succeeded, "7");
            }
        };

        Assert.Equal(7, await _job.GetResultAsync<int>(cancellationToken: Cancellation));
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task WaitAsync_WhenItEndedBetweenTwoQuestions_AsksItsOwnerAgain()
    {
        Stands(JobState.Succeeded);
        var asked = 0;
        _queue.OnAwait = ids => Task.FromResult(Array.ConvertAll(ids, id => ++asked == 1 ? new JobEnding { JobId = id, IsKnown = false } : (JobEnding?)_queue.Ended(id)));

        Assert.Equal(JobState.Succeeded, await _job.WaitAsync(cancellationToken: Cancellation));
    }

    [Fact]
    public async Task WaitAsync_WhenItEndedAndItsRecordIsGone_IsUnknown()
    {
        Stands(JobState.Succeeded);

        Assert.False((await Assert.ThrowsAsync<ResultGoneException>(() => _job.WaitAsync(cancellationToken: Cancellation))).IsKnown);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(60)]
    public async Task WaitAsync_WhenItsTurnWillNotCome_IsCancelled(int? seconds)
    {
        Stands(JobState.Cancelled);
        _flow.Info = _flow.Info! with { Reason = "not wanted" };
        var timeout = seconds is { } some ? TimeSpan.FromSeconds(some) : default(TimeSpan?);

        Assert.Equal(JobState.Cancelled, await _job.WaitAsync(timeout, Cancellation));
        Assert.Equal("not wanted", (await Assert.ThrowsAsync<JobCancelledException>(() => _job.GetResultAsync<int>(timeout, Cancellation))).Reason);
    }

    [Theory]
    [InlineData(0, JobState.Waiting)]
    [InlineData(0, JobState.Running)]
    [InlineData(30, JobState.Waiting)]
    public async Task WaitAsync_WhenItsTurnDoesNotComeInTime_TimesOut(int milliseconds, JobState state)
    {
        Stands(state);

        var exception = await Assert.ThrowsAsync<TimeoutException>(() => _job.WaitAsync(TimeSpan.FromMilliseconds(milliseconds), Cancellation));

        Assert.StartsWith($"The job '{JobId}' was not final within ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitAsync_OfALargeFlow_AsksForNewEndsOnly()
    {
        Stands(JobState.Waiting);
        _flow.Info = _flow.Info! with { Counts = new FlowCounts { Succeeded = 40, Failed = 2, Cancelled = 5, Expired = 1 } };
        var seen = new List<int>();
        _flow.Ends = [.. Enumerable.Range(0, 44).Select(number => ($"default~0~f.{number}", JobState.Succeeded))];
        _flow.OnAwaitEnds = after =>
        {
            seen.Add(after);
            if (seen.Count == 2)
            {
                Stands(JobState.Cancelled);
                _queue.Ending = id => _queue.Ended(id);
            }
        };

        await _job.WaitAsync(cancellationToken: Cancellation);

        Assert.Equal([43, 44], seen);
    }

    [Fact]
    public async Task CancelAsync_WhenItsTurnHasNotCome_IsRefused()
    {
        Stands(JobState.Waiting);
        _queue.OnCancel = _ => Task.FromResult(false);

        Assert.False(await _job.CancelAsync(Cancellation));
    }

    [Fact]
    public async Task ListFlowsAsync_WhenAsked_HandsOnTheCursor()
    {
        var page = new FlowPage([_flow.Info!], "c-2");
        _cluster.Catalogue.OnListFlows = (after, limit) => (after, limit) == ("c-1", 200) ? page : new FlowPage([], null);

        Assert.Same(page, await _cluster.Client().ListFlowsAsync("c-1", 200, Cancellation));
        Assert.Empty((await _cluster.Client().ListFlowsAsync(cancellationToken: Cancellation)).Flows);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(201)]
    public async Task ListFlowsAsync_WhenTheLimitIsOutOfRange_IsRefused(int limit)
    {
        var exception = await Assert.ThrowsAsync<InvalidJobException>(() => _cluster.Client().ListFlowsAsync(limit: limit, cancellationToken: Cancellation));

        Assert.Equal($"Limit must be 1..200, got {limit}; read further pages with the cursor.", exception.Message);
    }

    private void Stands(JobState state) => _flow.Nodes =
    [
        new FlowNode { Index = 0, Parent = -1, Kind = "chain", Role = "member", State = JobState.Running },
        new FlowNode { Index = 1, Parent = 0, Kind = "job", Role = "member", State = state, JobId = JobId, JobName = "flow.count" },
    ];

    private async Task<(JobState, string?)> InfoAsync() => await _job.GetInfoAsync(Cancellation) is { } info ? (info.State, info.Reason) : default;
}
