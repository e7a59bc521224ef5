using Krewe.Cluster.Tests.Fixtures;
using Krewe.Cluster.Tests.Jobs;
using Krewe.Testing;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.Routing;

/// <summary>Which queue a job goes to, and what happens where nobody handles it.</summary>
public abstract class RoutingTests(SharedKrewe krewe) : KreweTests(krewe)
{
    [Fact]
    public async Task Route_WhenTheNameMatches_NamesTheQueue()
    {
        var handle = await Jobs.EnqueueAsync(new Routed(), cancellationToken: Cancellation);

        Assert.Equal("critical", await handle.ResultAsync());
        Assert.StartsWith("critical~", handle.Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Route_WhenTheCallNamesAQueue_IsWeaker()
    {
        var handle = await Jobs.EnqueueAsync(new Routed(), new EnqueueOptions { Queue = "low" }, Cancellation);

        Assert.Equal("low", await handle.ResultAsync());
    }

    [Fact]
    public async Task Attribute_WhenItNamesQueueAndPriority_Holds()
    {
        var handle = await Jobs.EnqueueAsync(new WriteDiary("x"), cancellationToken: Cancellation);

        var info = await handle.EndInfoAsync();
        Assert.Equal(("low", 7), (info.Queue, info.Priority));
    }

    [Fact]
    public async Task Job_WhenNobodyHandlesItsName_WaitsParkedAndBlocksNobody()
    {
        var name = Some.Key("nobody.handles");

        var parked = await Jobs.EnqueueAsync(name, Some.Json("""{"a":1}"""), new EnqueueOptions { Priority = 9 }, Cancellation);
        await Events.Until("job.parked", parked.Id);
        var other = await EnqueueAsync(_ => "not blocked");

        Assert.Equal("not blocked", await other.ResultAsync());
        var info = await parked.InfoAsync();
        Assert.Equal((JobState.Queued, $"No live worker of queue 'default' handles '{name}'."), (info.State, info.Reason));
        var queue = (await Jobs.Queues.ListAsync(Cancellation)).Single(queue => queue.Name == "default");
        Assert.Equal(1, queue.ParkedNames[name]);
        Assert.True(await parked.CancelAsync(Cancellation));
        queue = (await Jobs.Queues.ListAsync(Cancellation)).Single(queue => queue.Name == "default");
        Assert.DoesNotContain(name, queue.ParkedNames.Keys);
    }

    [Fact]
    public async Task Job_WhenItExpiresWhileItIsParked_IsExpired()
    {
        var name = Some.Key("nobody.handles");

        var parked = await Jobs.EnqueueAsync(name, Some.Json("{}"), new EnqueueOptions { ExpiresIn = TimeSpan.FromSeconds(1) }, Cancellation);

        Assert.Equal(JobState.Expired, await parked.EndAsync());
        Assert.DoesNotContain(name, (await Jobs.Queues.ListAsync(Cancellation)).Single(queue => queue.Name == "default").ParkedNames.Keys);
    }

    [Fact]
    public async Task Listing_WhenItAsksForAState_FindsTheJobByIt()
    {
        var (running, gate) = await RunAtGateAsync();
        var delayed = await EnqueueAsync(_ => "late", new EnqueueOptions { Delay = TimeSpan.FromHours(1) });
        var dead = await EnqueueAsync(context => throw context.Fail("broken"));
        await dead.EndAsync();
        var done = await EnqueueAsync(_ => "done");
        await done.EndAsync();

        foreach (var (handle, state) in new (JobHandle, JobState)[] { (running, JobState.Running), (delayed, JobState.Scheduled), (dead, JobState.Failed), (done, JobState.Succeeded) })
        {
            Assert.Contains(handle.Id, await ListAsync(state));
        }

        gate.Open();
        await delayed.CancelAsync(Cancellation);
        await running.EndAsync();
    }

    [Fact]
    public async Task Bulk_WhenItHasTenThousandJobs_AllRunOnce()
    {
        var handles = await Jobs.EnqueueManyAsync(Enumerable.Range(0, 10_000).Select(number => new AddNumbers(number, 0)), new EnqueueOptions { IgnoreResult = true, Queue = "low" }, Cancellation);

        Assert.Equal(10_000, handles.Select(handle => handle.Id).Distinct().Count());
        var states = await Task.WhenAll(handles.Select(handle => handle.WaitAsync(TimeSpan.FromMinutes(2), Cancellation)));
        Assert.All(states, state => Assert.Equal(JobState.Succeeded, state));
    }

    private async Task<List<string>> ListAsync(JobState state)
    {
        var ids = new List<string>();
        for (var query = new JobQuery { State = state, Limit = 500 }; query is not null;)
        {
            var page = await Jobs.Queues.ListJobsAsync(query, Cancellation);
            Assert.All(page.Jobs, job => Assert.Equal(state, job.State));
            ids.AddRange(page.Jobs.Select(job => job.Id));
            query = page.Next is { } next ? query with { After = next } : null;
        }

        return ids;
    }
}

[Collection(SqliteGroup.Name)]
public sealed class RoutingOnSqliteTests(SqliteKrewe krewe) : RoutingTests(krewe);

[Collection(RedisGroup.Name)]
public sealed class RoutingOnRedisTests(RedisKrewe krewe) : RoutingTests(krewe);
