using Krewe.Cluster.Tests.Fixtures;
using Krewe.Cluster.Tests.Jobs;
using Krewe.Testing;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.FromCelery;

/// <summary>What Celery's users rely on; the table in <c>docs/from-celery.md</c> names these tests.</summary>
[Collection(SqliteGroup.Name)]
public sealed partial class CeleryBehaviourTests(SqliteKrewe krewe) : KreweTests(krewe)
{
    [Fact]
    public async Task Handler_WhenCalledDirectly_ReturnsItsValueInline()
    {
        Assert.Equal(5, await new AddNumbersHandler().HandleAsync(new AddNumbers(2, 3), new TestJobContext(), Cancellation));
    }

    [Fact]
    public async Task Enqueue_WhenManyJobsRunAtOnce_EachResultIsItsOwn()
    {
        var handles = await Task.WhenAll(Enumerable.Range(0, 200).Select(number => Jobs.EnqueueAsync(new AddNumbers(number, number), cancellationToken: Cancellation)));

        Assert.Equal(Enumerable.Range(0, 200).Select(number => 2 * number), await Task.WhenAll(handles.Select(handle => handle.ResultAsync())));
        Assert.All(await Task.WhenAll(handles.Select(handle => handle.InfoAsync())), info => Assert.Equal(JobState.Succeeded, info.State));
    }

    [Fact]
    public async Task Enqueue_WhenArgsAreNamedInJson_HandlerReadsThem()
    {
        var handle = await Jobs.EnqueueAsync("sample.add", Some.Json("""{"Y": 40, "x": 2, "unknown": true}"""), cancellationToken: Cancellation);

        Assert.Equal(42, await handle.GetResultAsync<int>(Some.Timeout, Cancellation));
    }

    [Fact]
    public async Task Enqueue_WhenTheCallIgnoresTheResult_ResultIsDefault()
    {
        var handle = await Jobs.EnqueueAsync(new AddNumbers(2, 3), new EnqueueOptions { IgnoreResult = true }, Cancellation);

        Assert.Equal(0, await handle.ResultAsync());
        Assert.Equal(JobState.Succeeded, (await handle.InfoAsync()).State);
    }

    [Fact]
    public async Task Enqueue_WhenTheJobIgnoresItsResult_ResultIsDefault()
    {
        var handle = await Jobs.EnqueueAsync(new Silent(), cancellationToken: Cancellation);

        Assert.Null(await handle.ResultAsync());
    }

    [Fact]
    public async Task Result_WhenTheHandlerThrows_CarriesTypeAndMessage()
    {
        var handle = await EnqueueAsync(_ => throw new ArgumentException("The amount is negative."), new EnqueueOptions { MaxRetries = 0 });

        var failed = await Assert.ThrowsAsync<JobFailedException>(handle.ResultAsync);
        Assert.Equal((handle.Id, "System.ArgumentException", "The amount is negative."), (failed.JobId, failed.ErrorType, failed.ErrorMessage));
        Assert.Contains(nameof(Result_WhenTheHandlerThrows_CarriesTypeAndMessage), failed.ErrorStack, StringComparison.Ordinal);
        Assert.Equal(JobState.Failed, (await handle.InfoAsync()).State);
    }

    [Fact]
    public async Task Result_WhenTheWaitTimesOut_TheJobGoesOn()
    {
        var (handle, gate) = await RunAtGateAsync();

        await Assert.ThrowsAsync<TimeoutException>(() => handle.GetResultAsync(TimeSpan.FromMilliseconds(50), Cancellation));

        gate.Open();
        Assert.Equal("passed", await handle.ResultAsync());
    }

    [Fact]
    public async Task Enqueue_WhenAMemberIsMissing_IsRefused()
    {
        var id = Some.Key("incomplete");

        await Assert.ThrowsAsync<InvalidJobException>(() => Jobs.EnqueueAsync("sample.add", Some.Json("""{"x": 2}"""), new EnqueueOptions { Id = id }, Cancellation));

        Assert.Null(await Jobs.GetHandle($"default~0~{id}").GetInfoAsync(Cancellation));
    }

    [Fact]
    public async Task Job_WhenExpiresInPassesBeforeASlotIsFree_IsExpired()
    {
        await ExpiresAsync(now => new EnqueueOptions { Delay = TimeSpan.FromHours(1), ExpiresIn = Some.Moment });
    }

    [Fact]
    public async Task Job_WhenExpiresAtPassesBeforeASlotIsFree_IsExpired()
    {
        await ExpiresAsync(now => new EnqueueOptions { Delay = TimeSpan.FromHours(1), ExpiresAt = now + Some.Moment });
    }

    [Fact]
    public async Task Job_WhenDelayed_StartsNoEarlierThanItsDelay()
    {
        var handle = await EnqueueAsync(_ => "late", new EnqueueOptions { Delay = Some.Moment });

        Assert.Equal(JobState.Scheduled, (await Events.Until("job.scheduled", handle.Id)).State);
        var info = await handle.EndInfoAsync();
        Assert.True(info.StartedAt - info.EnqueuedAt >= Some.Moment, $"Started {info.StartedAt - info.EnqueuedAt} after the enqueue.");
    }

    [Fact]
    public async Task Job_WhenNotBeforeIsSet_StartsNoEarlierThanThat()
    {
        var at = TimeProvider.System.GetUtcNow() + Some.Moment;
        var handle = await EnqueueAsync(_ => "late", new EnqueueOptions { NotBefore = at });

        var info = await handle.EndInfoAsync();
        Assert.True(info.StartedAt >= at, $"Started at {info.StartedAt:O}, expected {at:O} or later.");
    }

    [Fact]
    public async Task Cancel_WhenTheJobIsQueued_WaitingThrowsCancelled()
    {
        var handle = await Jobs.EnqueueAsync(Some.Key("nobody.handles"), Some.Json("{}"), cancellationToken: Cancellation);
        Assert.Equal(JobState.Queued, (await handle.InfoAsync()).State);

        Assert.True(await handle.CancelAsync(Cancellation));

        await Assert.ThrowsAsync<JobCancelledException>(() => handle.GetResultAsync<string>(Some.Timeout, Cancellation));
    }

    [Fact]
    public async Task Headers_WhenTheCallSetsThem_HandlerReadsThem()
    {
        var handle = await EnqueueAsync(context => $"{context.Headers.Count} {context.Headers["tenant"]}", new EnqueueOptions { Headers = new Dictionary<string, string> { ["tenant"] = "blue" } });

        Assert.Equal("1 blue", await handle.ResultAsync());
    }

    [Fact]
    public async Task Job_WhenTextIsNotAscii_ArgsAndResultKeepIt()
    {
        const string Text = "Grüße, 你好, \U0001F389 “quotes” \u0000 end";

        var handle = await Jobs.EnqueueAsync(new EchoText(Text), cancellationToken: Cancellation);

        Assert.Equal(Text, await handle.ResultAsync());
    }

    [Fact]
    public async Task Forget_WhenTheJobIsFinal_ResultIsGone()
    {
        var handle = await EnqueueAsync(_ => "secret");
        await handle.EndAsync();

        Assert.True(await handle.ForgetAsync(Cancellation));

        await Assert.ThrowsAsync<ResultGoneException>(handle.ResultAsync);
    }

    [Fact]
    public async Task Result_WhenTheExceptionCannotBeSerialized_CarriesItsTypeAndMessage()
    {
        var handle = await EnqueueAsync(_ => throw new UnserializableException(), new EnqueueOptions { MaxRetries = 0 });

        var failed = await Assert.ThrowsAsync<JobFailedException>(handle.ResultAsync);
        Assert.Equal(("Krewe.Cluster.Tests.FromCelery.UnserializableException", "It holds a stream."), (failed.ErrorType.Replace('+', '.'), failed.ErrorMessage));
    }

    [Fact]
    public async Task Job_WhenArgsAndResultAreNested_BothKeepTheirShape()
    {
        var at = new DateTimeOffset(2026, 11, 23, 8, 30, 0, TimeSpan.FromHours(1));
        var job = new DescribeOrder("A-1", [new OrderLine("bread", 3, 2.5m), new OrderLine("milk", 1, 1.19m)], Urgency.Rush, at);

        var result = await (await Jobs.EnqueueAsync(job, cancellationToken: Cancellation)).ResultAsync();

        Assert.Equal($"A-1 at {at:O}", result.Text);
        Assert.Equal(new Dictionary<string, decimal> { ["bread"] = 7.5m, ["milk"] = 1.19m }, result.Sums);
        Assert.Equal(Urgency.Rush, result.Urgency);
    }

    [Fact]
    public async Task Handler_WhenItThrowsFail_TheJobFailsWithoutRetry()
    {
        var handle = await EnqueueAsync(context => throw context.Fail("Rejected."));

        Assert.Equal("Rejected.", (await Assert.ThrowsAsync<JobFailedException>(handle.ResultAsync)).ErrorMessage);
        Assert.Equal(1, (await handle.InfoAsync()).Attempt);
    }

    [Fact]
    public async Task Handler_WhenItThrowsSnooze_TheJobRunsAgainUnspent()
    {
        var runs = 0;
        var handle = await EnqueueAsync(context => Interlocked.Increment(ref runs) == 1 ? throw context.Snooze(TimeSpan.Zero) : $"attempt {context.Attempt}");

        Assert.Equal("attempt 1", await handle.ResultAsync());
        Assert.Equal(2, runs);
    }

    [Fact]
    public async Task Log_WhenAJobFails_NeverCarriesItsArgs()
    {
        var secret = Some.Key("card-4111");
        var handle = await Jobs.EnqueueAsync("sample.picky", Some.Json($$"""{"kind":"{{secret}}"}"""), new EnqueueOptions { MaxRetries = 0 }, Cancellation);

        Assert.Equal(JobState.Failed, await handle.EndAsync());
        Assert.Contains(Silo.Setup.Logs.All, line => line.Contains(handle.Id, StringComparison.Ordinal));
        Assert.DoesNotContain(Silo.Setup.Logs.All, line => line.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Enqueue_WhenAHandlerCalls_ChildAndParentNameEachOther()
    {
        var childJob = Scripts.Add(_ => "child");
        var parent = await EnqueueAsync(async (context, token) => (await context.Jobs.EnqueueAsync(childJob, cancellationToken: token)).Id);

        var childId = await parent.ResultAsync();
        Assert.NotNull(childId);
        Assert.Equal(parent.Id, (await Jobs.GetHandle(childId).InfoAsync()).ParentId);
        Assert.Equal([childId], (await parent.InfoAsync()).ChildIds);
    }

    [Fact]
    public async Task Job_WhenItRuns_NamesItsWorker()
    {
        var (handle, gate) = await RunAtGateAsync();

        var info = await handle.InfoAsync();
        Assert.Equal((JobState.Running, "silo"), (info.State, info.Worker));
        Assert.NotNull(info.StartedAt);
        Assert.Contains(handle.Id, Assert.Single(await Jobs.Workers.ListAsync(Cancellation)).RunningJobIds);
        gate.Open();
        await handle.EndAsync();
    }

    [Fact]
    public async Task Cancel_WhenTheJobIsDelayed_EndsBeforeItRuns()
    {
        var job = Scripts.Add(_ => "never");
        var handle = await EnqueueAsync(job, new EnqueueOptions { Delay = TimeSpan.FromHours(1) });

        Assert.True(await handle.CancelAsync(Cancellation));

        Assert.Equal(JobState.Cancelled, await handle.EndAsync());
        Assert.Equal(0, Scripts.RunsOf(job));
    }

    private async Task ExpiresAsync(Func<DateTimeOffset, EnqueueOptions> options)
    {
        var job = Scripts.Add(_ => "never");
        var handle = await EnqueueAsync(job, options(TimeProvider.System.GetUtcNow()));

        await Assert.ThrowsAsync<JobExpiredException>(handle.ResultAsync);
        Assert.Equal((JobState.Expired, 0), ((await handle.InfoAsync()).State, Scripts.RunsOf(job)));
    }
}

/// <summary>An exception that no serializer could carry.</summary>
public sealed class UnserializableException() : Exception("It holds a stream.")
{
    public Stream Held { get; } = Stream.Null;
}
