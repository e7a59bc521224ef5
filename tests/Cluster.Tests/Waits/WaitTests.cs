using Krewe.Cluster.Tests.Fixtures;
using Krewe.Cluster.Tests.Jobs;
using Krewe.Queues;
using Krewe.Storage;
using Krewe.Testing;
using Krewe.Testing.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Cluster.Tests.Waits;

/// <summary>Waiting never polls, never misses an end, and costs the job nothing.</summary>
public abstract class WaitTests(SharedKrewe krewe) : KreweTests(krewe)
{
    [Fact]
    public async Task Wait_WhenItTimesOut_LeavesTheJobAlone()
    {
        var (handle, gate) = await RunAtGateAsync();

        await Assert.ThrowsAsync<TimeoutException>(() => handle.GetResultAsync(TimeSpan.FromMilliseconds(50), Cancellation));
        await Assert.ThrowsAsync<TimeoutException>(() => handle.WaitAsync(TimeSpan.Zero, Cancellation));

        gate.Open();
        Assert.Equal("passed", await handle.ResultAsync());
    }

    [Fact]
    public async Task Wait_WhenItsTokenFires_Ends()
    {
        var (handle, gate) = await RunAtGateAsync();
        using var stop = new CancellationTokenSource();
        var wait = handle.WaitAsync(cancellationToken: stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        gate.Open();
        Assert.Equal(JobState.Succeeded, await handle.EndAsync());
    }

    [Fact]
    public async Task Wait_WhenAThousandWaitForOneJob_AllAreTold()
    {
        var (handle, gate) = await RunAtGateAsync();
        var waits = Enumerable.Range(0, 1_000).Select(_ => Jobs.GetHandle<string>(handle.Id).ResultAsync()).ToList();

        gate.Open();

        Assert.All(await Task.WhenAll(waits), result => Assert.Equal("passed", result));
    }

    [Fact]
    public async Task Wait_WhenAThousandJobsAreWaitedFor_EachGetsItsOwn()
    {
        var handles = await Jobs.EnqueueManyAsync(Enumerable.Range(0, 1_000).Select(number => new AddNumbers(number, 1)), cancellationToken: Cancellation);

        var results = await Task.WhenAll(handles.Select(handle => handle.ResultAsync()));

        Assert.Equal(Enumerable.Range(1, 1_000), results);
    }

    [Fact]
    public async Task Wait_WhenThePartitionGetsANewOwner_IsToldByIt()
    {
        var (handle, gate) = await RunAtGateAsync();
        var wait = handle.ResultAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => Jobs.GetHandle(handle.Id).WaitAsync(TimeSpan.FromMilliseconds(50), Cancellation)); // By now both are subscribed.

        await StealAsync(handle);
        gate.Open();

        Assert.Equal("passed", await wait);
    }

    [Fact]
    public async Task Job_WhenThePartitionGetsANewOwnerWhileItRuns_RunsOnce()
    {
        var gate = new Gate();
        var job = Scripts.Add(async (context, token) =>
        {
            await gate.PassAsync(token);
            return $"attempt {context.Attempt}";
        });
        var handle = await EnqueueAsync(job);
        await gate.ArrivedAsync();

        await StealAsync(handle);
        var next = await EnqueueAsync(_ => "the new owner serves");
        Assert.Equal("the new owner serves", await next.ResultAsync());
        Assert.Equal(JobState.Running, (await handle.InfoAsync()).State);
        gate.Open();

        Assert.Equal("attempt 1", await handle.ResultAsync());
        Assert.Equal((1, 0), (Scripts.RunsOf(job), (await handle.InfoAsync()).LostDeliveries));
    }

    [Fact]
    public async Task Job_WhenItIsCancelledAfterThePartitionMoved_IsStillReached()
    {
        var (handle, _) = await RunAtGateAsync();

        await StealAsync(handle);

        Assert.True(await handle.CancelAsync(Cancellation));
        Assert.Equal(JobState.Cancelled, await handle.EndAsync());
    }

    [Fact]
    public async Task Watch_WhenJobsMove_TellsTheirEvents()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        stop.CancelAfter(Some.Timeout);
        var gate = new Gate();
        var key = Some.Key("watched");
        var seen = new List<string>();
        var watching = Task.Run(
            async () =>
            {
                await foreach (var jobEvent in Jobs.WatchAsync(new JobEventFilter { JobName = "sample.echo" }, stop.Token))
                {
                    gate.Arrive();
                    seen.Add(jobEvent.Kind);
                    if (jobEvent.JobId.EndsWith(key, StringComparison.Ordinal) && jobEvent.Kind == "job.succeeded")
                    {
                        return;
                    }
                }
            },
            stop.Token);
        while (gate.ArrivedCount == 0)
        {
            // The subscription takes a moment; jobs until the first event say that it stands.
            await (await Jobs.EnqueueAsync(new EchoText("knock"), cancellationToken: stop.Token)).EndAsync();
        }

        await Jobs.EnqueueAsync(new EchoText("seen"), new EnqueueOptions { Id = key }, stop.Token);
        await watching;

        Assert.Equal("job.succeeded", seen[^1]);
        Assert.Contains("job.queued", seen);
    }

    /// <summary>Makes the owner's epoch void, as another owner would; its next commit is refused and the partition is opened anew.</summary>
    private async Task StealAsync(JobHandle handle) =>
        await Silo.Services.GetRequiredService<IJobStore>().OpenPartitionAsync(PartitionKey.Parse(handle.Id[..handle.Id.LastIndexOf('~')]));
}

[Collection(SqliteGroup.Name)]
public sealed class WaitOnSqliteTests(SqliteKrewe krewe) : WaitTests(krewe);

[Collection(RedisGroup.Name)]
public sealed class WaitOnRedisTests(RedisKrewe krewe) : WaitTests(krewe);
