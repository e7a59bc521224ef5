using Krewe.Client.Tests.Fakes;
using Krewe.Queues;
using Xunit;

namespace Krewe.Client.Tests.Flows;

public sealed class FlowCallsTests
{
    private readonly FakeCluster _cluster = new();
    private readonly FakeFlow _flow;
    private readonly FlowHandle<int[]> _handle;

    public FlowCallsTests() => (_flow, _handle) = (_cluster.Flow("f-1"), _cluster.Client().GetFlow<int[]>("f-1"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WaitAsync_UntilItIsFinal_AsksAgain()
    {
        _flow.OnAwait = call => Task.FromResult<FlowInfo?>(Info(call < 3 ? JobState.Running : JobState.Failed));

        Assert.Equal(JobState.Failed, await _handle.WaitAsync(cancellationToken: Cancellation));
        Assert.Equal(4, _flow.Awaits);
    }

    [Fact]
    public async Task WaitAsync_WhileNobodyAnswers_AsksOn()
    {
        var time = new ArmedTime();
        _flow.OnAwait = call =>
        {
            time.Advance(call < 2 ? TimeSpan.FromMinutes(1) : TimeSpan.Zero);
            return call < 2 ? throw new StoreUnavailableException("The store is away.") : Task.FromResult<FlowInfo?>(Info(JobState.Succeeded));
        };

        var waiting = _cluster.Client(time).GetFlow("f-1").WaitAsync(cancellationToken: Cancellation);
        await time.PassAsync(RetriedCall.FirstDelay);
        await time.PassAsync(RetriedCall.LastDelay);

        Assert.Equal(JobState.Succeeded, await waiting);
    }

    [Fact]
    public async Task WaitAsync_WhenTheTimeIsUp_SaysThatItGoesOn()
    {
        var time = new ArmedTime();
        _flow.OnAwait = _ => new TaskCompletionSource<FlowInfo?>().Task;

        var waiting = _cluster.Client(time).GetFlow("f-1").WaitAsync(TimeSpan.FromSeconds(7), Cancellation);
        await time.PassAsync(TimeSpan.FromSeconds(7));

        Assert.Equal("The flow 'f-1' was not final within 00:00:07; it goes on. Wait longer, or read its state with GetInfoAsync.", (await Assert.ThrowsAsync<TimeoutException>(() => waiting)).Message);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _handle.WaitAsync(TimeSpan.FromSeconds(-5), Cancellation));
    }

    [Fact]
    public async Task WaitAsync_WithNoTime_ReadsItsStateOnce()
    {
        _flow.Info = Info(JobState.Running);
        await Assert.ThrowsAsync<TimeoutException>(() => _handle.WaitAsync(TimeSpan.Zero, Cancellation));

        _flow.Info = Info(JobState.Succeeded);
        Assert.Equal(JobState.Succeeded, await _handle.WaitAsync(TimeSpan.Zero, Cancellation));
        Assert.Equal(0, _flow.Awaits);
    }

    [Fact]
    public async Task GetResultAsync_OfSeveralPages_ReadsThemAsOne()
    {
        Ended(Info(JobState.Succeeded));
        _flow.ResultPages = ["[1,", "22", ",3]"];

        Assert.Equal(new List<int> { 1, 22, 3 }, await _handle.GetResultAsync(cancellationToken: Cancellation));
        Assert.Equal(new List<long> { 1, 22, 3 }, await _handle.GetResultAsync<List<long>>(cancellationToken: Cancellation));
        Assert.Equal("f-1", (await Assert.ThrowsAsync<ResultTypeException>(() => _handle.GetResultAsync<string>(cancellationToken: Cancellation))).JobId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    public async Task GetResultAsync_WhenThereIsNone_IsDefault(string page)
    {
        Ended(Info(JobState.Succeeded));
        _flow.ResultPages = [page];

        Assert.Equal(0, await _handle.GetResultAsync<int>(cancellationToken: Cancellation));
    }

    [Fact]
    public async Task GetResultAsync_WhenTheFlowDidNotSucceed_ThrowsWhatBecameOfTheMember()
    {
        var error = new FlowError("default~0~m", "flow.count", "Shop.CardRefused", "no money", 4);
        Ended(Info(JobState.Failed) with { Error = error });
        var failed = await Assert.ThrowsAsync<JobFailedException>(() => _handle.GetResultAsync(cancellationToken: Cancellation));
        Ended(Info(JobState.Failed) with { Reason = "its input is gone" });
        var lost = await Assert.ThrowsAsync<JobFailedException>(() => _handle.GetResultAsync(cancellationToken: Cancellation));
        Ended(Info(JobState.Cancelled) with { Reason = "not wanted" });
        var cancelled = await Assert.ThrowsAsync<JobCancelledException>(() => _handle.GetResultAsync(cancellationToken: Cancellation));
        Ended(Info(JobState.Cancelled) with { Error = error with { Message = "its own wish" } });
        var member = await Assert.ThrowsAsync<JobCancelledException>(() => _handle.GetResultAsync(cancellationToken: Cancellation));
        Ended(Info(JobState.Expired) with { Error = error });
        var expired = await Assert.ThrowsAsync<JobExpiredException>(() => _handle.GetResultAsync(cancellationToken: Cancellation));
        Ended(null);
        var unknown = await Assert.ThrowsAsync<ResultGoneException>(() => _handle.GetResultAsync(cancellationToken: Cancellation));

        Assert.Equal(("default~0~m", "Shop.CardRefused", "no money", 4), (failed.JobId, failed.ErrorType, failed.ErrorMessage, failed.Error!.Attempt));
        Assert.Equal("The flow 'f-1' failed: its input is gone", lost.Message);
        Assert.Equal("The flow 'f-1' was cancelled: not wanted.", cancelled.Message);
        Assert.Equal("The job 'default~0~m' was cancelled: its own wish.", member.Message);
        Assert.Equal("default~0~m", expired.JobId);
        Assert.Equal(("There is no flow 'f-1': it never was, or its record was removed after its time to live.", false), (unknown.Message, unknown.IsKnown));
    }

    [Fact]
    public async Task GetNodesAsync_OfSeveralPages_GivesAllOfThem()
    {
        Assert.Empty(await _handle.GetNodesAsync(Cancellation).ToListAsync(Cancellation));

        _flow.Nodes = [.. Enumerable.Range(0, 5).Select(index => new FlowNode { Index = index, Parent = index - 1, Kind = "job", Role = "member", State = JobState.Waiting })];
        Assert.Equal([0, 1, 2, 3, 4], (await _handle.GetNodesAsync(Cancellation).ToListAsync(Cancellation)).Select(node => node.Index));
    }

    [Fact]
    public async Task EndedMembersAsync_UntilThereAreNoMore_GivesAHandleForEach()
    {
        Assert.Empty(await _handle.EndedMembersAsync(Cancellation).ToListAsync(Cancellation));

        _flow.Ends = [("default~0~b", JobState.Failed), ("default~0~a", JobState.Succeeded), ("low~0~c", JobState.Succeeded)];
        Assert.Equal(["default~0~b", "default~0~a", "low~0~c"], (await _handle.EndedMembersAsync(Cancellation).ToListAsync(Cancellation)).Select(job => job.Id));
    }

    [Fact]
    public async Task Handle_OfAFlow_AsksItsGrain()
    {
        _flow.Info = Info(JobState.Running);

        Assert.Same(_flow.Info, await _handle.GetInfoAsync(Cancellation));
        Assert.True(await _handle.CancelAsync(Cancellation));
        Assert.True(await _handle.RedriveAsync(Cancellation));
        Assert.Equal([null], _flow.Cancels);
        Assert.Equal(("f-1", true), (_handle.Id, _handle.IsExisting));
        Assert.Equal("A flow's id must be 1..100 characters of [A-Za-z0-9._-], got 'a b'; use letters, digits, dots, dashes and underscores.",
            Assert.Throws<InvalidJobException>(() => _cluster.Client().GetFlow("a b")).Message);
    }

    private static FlowInfo Info(JobState state) => new() { Id = "f-1", State = state };

    private void Ended(FlowInfo? info) => _flow.OnAwait = _ => Task.FromResult(info);
}
