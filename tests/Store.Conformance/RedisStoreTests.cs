using System.Diagnostics;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;
using Krewe.Storage.Redis;
using Krewe.Testing.Redis;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>What only Redis can do to a store.</summary>
public sealed class RedisStoreTests
{
    private static readonly PartitionKey Key = new("default", 0);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commit_WhenScriptsWereFlushed_SendsThemAgain()
    {
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancelled);
        await using var harness = await StartAsync(server);
        var lease = await harness.Store.OpenPartitionAsync(Key);
        await server.SendAsync("SCRIPT FLUSH", Cancelled);

        var answers = await harness.Store.CommitAsync(lease, [Steps.Add(Steps.Record("a"))]);

        Assert.Equal([new StepAnswer(StepResult.Taken)], answers);
        Assert.Equal(JobPlace.Ready, (await harness.Store.FindAsync(Key, ["a"]))[0]?.Place);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",password=wrong")]
    public async Task Connect_WhenPasswordIsMissingOrWrong_SaysSoAtOnceWithoutShowingIt(string suffix)
    {
        await using var server = await RedisServer.StartAsync(new() { Password = "right" }, Cancelled);
        var (connection, store) = Create(server.Endpoint + suffix);
        await using var _ = connection;
        var watch = Stopwatch.StartNew();

        var exception = await Assert.ThrowsAsync<StoreConfigurationException>(() => store.ConnectAsync(TimeSpan.FromSeconds(60), Cancelled));

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"Expected an answer at once, took {watch.Elapsed}.");
        Assert.Contains("password", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_WhenPasswordIsRight_Connects()
    {
        await using var server = await RedisServer.StartAsync(new() { Password = "right" }, Cancelled);
        await using var harness = await StartAsync(server);

        await harness.Store.PingAsync(Cancelled);
    }

    [Fact]
    public async Task Connect_WhenServerIsAway_NamesItsEndpointAfterTheWait()
    {
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancelled);
        await server.StopAsync(Cancelled);
        var (connection, store) = Create(server.Endpoint + ",password=secret");
        await using var _ = connection;

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ConnectAsync(TimeSpan.FromMilliseconds(300), Cancelled));

        Assert.Contains(server.Endpoint, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_WhenServerComesWithinTheWait_Connects()
    {
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancelled);
        await server.StopAsync(Cancelled);
        var (connection, store) = Create(server.Endpoint);
        await using var _ = connection;

        var connecting = store.ConnectAsync(TimeSpan.FromSeconds(60), Cancelled);
        await server.StartAgainAsync(Cancelled);
        await connecting;

        await store.PingAsync(Cancelled);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commit_WhenServerDiesOrFreezes_FailsWithin5SecondsAndWorksAgainAfter(bool freezes)
    {
        await using var server = await RedisServer.StartAsync(new() { Persistence = RedisPersistence.Always }, Cancelled);
        await using var harness = await StartAsync(server);
        var lease = await harness.Store.OpenPartitionAsync(Key);
        await harness.Store.CommitAsync(lease, [Steps.Add(Steps.Record("a", 1))]);
        await BreakAsync(server, freezes);

        // The best of three: a machine may stand still for once.
        var taken = new List<TimeSpan>();
        do
        {
            var watch = Stopwatch.StartNew();
            await Assert.ThrowsAsync<StoreUnavailableException>(() => harness.Store.CommitAsync(lease, [Steps.Add(Steps.Record("b", 2))]));
            taken.Add(watch.Elapsed);
        }
        while (taken[^1] >= TimeSpan.FromSeconds(5) && taken.Count < 3);

        Assert.True(taken[^1] < TimeSpan.FromSeconds(5), $"Expected a failure within 5 s, they took {string.Join(", ", taken)}.");
        await RepairAsync(server, freezes);
        lease = await OpenEventuallyAsync(harness.Store);
        Assert.Equal([new StepAnswer(StepResult.Taken)], await harness.Store.CommitAsync(lease, [Steps.Add(Steps.Record("c", lease.LastPosition + 1))]));
        Assert.NotNull((await harness.Store.FindAsync(Key, ["a"]))[0]);
    }

    [Fact]
    public async Task Commit_WhenStoreIsFull_RefusesNewWorkAndTakesTheRest()
    {
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancelled);
        await using var harness = await StartAsync(server);
        var lease = await harness.Store.OpenPartitionAsync(Key);
        await harness.Store.CommitAsync(lease, [Steps.Add(Steps.Record("a", 1)), Steps.Add(Steps.Record("b", 2)), Steps.Add(Steps.Record("c", 3))]);
        await harness.Store.CommitAsync(lease, [Steps.Claim("a", "held")]);
        await server.SendAsync("CONFIG SET maxmemory 1", Cancelled);

        var mixed = await harness.Store.CommitAsync(lease, [Steps.Add(Steps.Record("d", 4)), Steps.Succeed(Steps.Record("a", 1), "held"), Steps.Claim("b", "held")]);
        var retried = await harness.Store.CommitAsync(lease, [Steps.Retry(JobVerb.Retry, Steps.Record("b", 2), "held", Steps.Noon)]);

        Assert.Equal([new(StepResult.Full), new(StepResult.Taken, JobPlace.Running), new(StepResult.Taken, JobPlace.Ready)], mixed);
        Assert.Equal([new StepAnswer(StepResult.Taken, JobPlace.Running)], retried);

        // A repeated add is told that its job is there; one that was acknowledged, lost and is put back is no new work.
        var repeated = await harness.Store.CommitAsync(lease, [Steps.Add(Steps.Record("c", 4)), JobTransitions.Readd(Steps.Record("lost", 5), Steps.ClaimOf("held"))]);
        Assert.Equal([new(StepResult.Exists, JobPlace.Ready, Fingerprint: Steps.Record("c").Fingerprint), new(StepResult.Taken)], repeated);
        lease = await harness.Store.OpenPartitionAsync(Key);
        Assert.Equal(4, await harness.Store.DeclareQueueAsync("default", 4));
        await harness.Store.DeclareNamesAsync(["test.job"]);
        await server.SendAsync("CONFIG SET maxmemory 0", Cancelled);
        Assert.Equal([new StepAnswer(StepResult.Taken)], await harness.Store.CommitAsync(lease, [Steps.Add(Steps.Record("d", 6))]));
    }

    [Fact]
    public async Task Commit_WhenServerLostWrites_IsRefusedAsRolledBack()
    {
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancelled);
        await using var harness = await StartAsync(server);
        var lease = await harness.Store.OpenPartitionAsync(Key);
        await harness.Store.CommitAsync(lease, [Steps.Add(Steps.Record("a", 1))]);
        await server.SendAsync("FLUSHALL", Cancelled);

        await Assert.ThrowsAsync<StoreRolledBackException>(() => harness.Store.CommitAsync(lease, [Steps.Claim("a", "held")]));
    }

    [Fact]
    public async Task Bury_WhenEvenTheHeaderIsDamaged_MakesADeadLetterOfWhatIsThere()
    {
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancelled);
        await using var harness = await StartAsync(server);
        var lease = await harness.Store.OpenPartitionAsync(Key);
        await harness.Store.CommitAsync(lease, [Steps.Add(Steps.Record("a", 1, 5)), Steps.Add(Steps.Record("b", 2, 5))]);
        await (await harness.DatabaseAsync()).StringSetAsync(new PartitionKeys(harness.Prefix, Key).Record("a"), "garbage");

        var before = await harness.Store.ReadLaneAsync(Key, 5, -1, 10);
        var claimed = await harness.Store.CommitAsync(lease, [Steps.Claim("a", "held")]);
        var buried = await harness.Store.CommitAsync(lease, [Steps.Bury("a")]);
        var after = await harness.Store.ReadLaneAsync(Key, 5, -1, 10);

        Assert.Equal([("a", JobPlace.Ready, 1L, false), ("b", JobPlace.Ready, 2L, true)], before.Jobs.Select(job => (job.Id, job.Place, job.Position, job.Unreadable is null)));
        Assert.Equal(StepResult.WrongPlace, claimed[0].Result);
        Assert.Equal(StepResult.Taken, buried[0].Result);
        Assert.Equal(["b"], after.Jobs.Select(job => job.Id));
        var dead = Assert.Single((await harness.Store.ListAsync(Key, JobPlace.Dead, null, 10)).Jobs);
        Assert.Equal("a", dead.Id);
        Assert.NotNull(dead.Unreadable);
        Assert.Equal(1, (await harness.Store.CountAsync(Key)).LaneEntries[5]);
    }

    [Fact]
    public async Task Commit_WhenBatchIsLargerThanAScriptMayTake_GoesAsSeveralCalls()
    {
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancelled);
        await using var harness = await StartAsync(server);
        var lease = await harness.Store.OpenPartitionAsync(Key);
        var large = Steps.Record("large", 1) with { Args = new byte[300 * 1024] };

        var answers = await harness.Store.CommitAsync(lease, [Steps.Add(large), Steps.Add(Steps.Record("b", 2)), Steps.Claim("b", "held"), Steps.Add(large with { Id = "c", Position = 3 })]);

        Assert.Equal([new(StepResult.Taken), new(StepResult.Taken), new(StepResult.Taken, JobPlace.Ready), new StepAnswer(StepResult.Taken)], answers);
        Assert.Equal(4, lease.Revision);
        Assert.Equal(["large", "c"], (await harness.Store.ReadLaneAsync(Key, 0, -1, 10)).Jobs.Select(job => job.Id));
    }

    [Fact]
    public async Task Close_WhenAnotherHasOpenedSince_LeavesItInTheCatalogue()
    {
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancelled);
        await using var harness = await StartAsync(server);
        var old = await harness.Store.OpenPartitionAsync(Key);
        var current = await harness.Store.OpenPartitionAsync(Key);

        await Assert.ThrowsAsync<StaleEpochException>(() => harness.Store.ClosePartitionAsync(old));
        Assert.Equal([Key], await harness.Store.ListPartitionsAsync());
        Assert.True(await harness.Store.ClosePartitionAsync(current));
        Assert.Empty(await harness.Store.ListPartitionsAsync());
    }

    [Fact]
    public async Task Unique_WhenHolderWasBuried_IsFree()
    {
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancelled);
        await using var harness = await StartAsync(server);
        var lease = await harness.Store.OpenPartitionAsync(Key);
        var take = new UniqueHold(Steps.Name, "order-1", UniqueAction.Take, null);
        await harness.Store.CommitAsync(lease, [Steps.Add(Steps.Record("a", 1)) with { Unique = take }]);

        var held = await harness.Store.CommitAsync(lease, [Steps.Add(Steps.Record("b", 2)) with { Unique = take }]);
        await harness.Store.CommitAsync(lease, [Steps.Bury("a")]);
        var free = await harness.Store.CommitAsync(lease, [Steps.Add(Steps.Record("b", 3)) with { Unique = take }]);

        Assert.Equal([new StepAnswer(StepResult.UniqueHeld, HolderId: "a")], held);
        Assert.Equal([new StepAnswer(StepResult.Taken)], free);
    }

    private static async Task<RedisHarness> StartAsync(RedisServer server)
    {
        var harness = new RedisHarness(server.ConnectionString) { ScriptPrelude = RedisHarness.KeyGuard };
        await harness.StartAsync();
        return harness;
    }

    private static (RedisConnection Connection, RedisJobStore Store) Create(string configuration)
    {
        var options = Options.Create(new RedisStoreOptions());
        var connection = new RedisConnection(configuration, options, NullLogger<RedisConnection>.Instance);
        return (connection, new RedisJobStore(connection, options, TimeProvider.System, NullLogger<RedisJobStore>.Instance));
    }

    private static async Task BreakAsync(RedisServer server, bool freezes)
    {
        if (freezes)
        {
            server.Pause();
        }
        else
        {
            await server.KillAsync(Cancelled);
        }
    }

    private static async Task RepairAsync(RedisServer server, bool freezes)
    {
        if (freezes)
        {
            server.Resume();
        }
        else
        {
            await server.StartAgainAsync(Cancelled);
        }
    }

    private static async Task<PartitionLease> OpenEventuallyAsync(IJobStore store)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await store.OpenPartitionAsync(Key);
            }
            catch (StoreUnavailableException) when (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancelled);
            }
        }
    }
}
