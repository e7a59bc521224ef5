using Krewe.Cluster.Tests.Jobs;
using Krewe.Dispatch;
using Krewe.Execution;
using Krewe.Testing;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Xunit;

namespace Krewe.Cluster.Tests.DeadLetters;

/// <summary>Damaged records, one in every place where a job can lie: a live one becomes a dead letter, nobody throws its bytes away, and its neighbours run.</summary>
public abstract class UnreadableRecordTests
{
    private protected static readonly byte[] Damaged = [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x01];

    /// <summary>Longer than the damage takes, so that the job still lies in Due by then.</summary>
    private static readonly TimeSpan DueDelay = TimeSpan.FromSeconds(3);

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Record_WhenItIsDamagedInAnyPlace_BecomesADeadLetterThatKeepsItsBytes()
    {
        var (damaged, healthy) = await QueueUpAsync();
        foreach (var id in damaged.Values)
        {
            await DamageAsync(id);
        }

        await using (var silo = await StartAsync(krewe => krewe.AddJob<EchoTextHandler>()))
        {
            foreach (var id in healthy)
            {
                Assert.Equal("healthy", await silo.Jobs.GetHandle<string>(id).ResultAsync());
            }

            foreach (var (place, id) in damaged)
            {
                await ShouldBeADeadLetterAsync(silo, place, id);
            }

            var queues = (await silo.Jobs.Queues.ListAsync(Cancellation)).ToDictionary(queue => queue.Name);
            Assert.Equal((4, 1), (queues["critical"].Dead, queues["default"].Dead)); // The succeeded one is listed where it lies.
            Assert.Equal((0, 0, 0), (queues["critical"].Queued, queues["critical"].Scheduled, queues["critical"].Running));
            Assert.Empty(queues["default"].ParkedNames);
        }

        // Not a crash loop: the next start finds the same dead letters and serves.
        await using var next = await StartAsync(krewe => krewe.AddJob<EchoTextHandler>());
        Assert.Equal("after", await (await next.Jobs.EnqueueAsync(new EchoText("after"), new EnqueueOptions { Queue = "critical" }, Cancellation)).ResultAsync());
        foreach (var (place, id) in damaged)
        {
            await ShouldBeADeadLetterAsync(next, place, id);
        }
    }

    private protected abstract KreweSetup Setup(Action<KreweBuilder> handlers, Action<KreweOptions>? options = null);

    private protected abstract Task DamageAsync(string jobId);

    /// <summary>The first stored bytes of the record.</summary>
    private protected abstract Task<byte[]> ReadAsync(string jobId);

    private protected static string LastPart(string jobId) => jobId[(jobId.LastIndexOf('~') + 1)..];

    private async Task ShouldBeADeadLetterAsync(KreweHost silo, string place, string id)
    {
        var handle = silo.Jobs.GetHandle<string>(id);
        Assert.True(await handle.EndAsync() == JobState.Failed, place);
        var failed = await Assert.ThrowsAsync<JobFailedException>(handle.ResultAsync);
        Assert.Contains("Its record cannot be read", failed.Message, StringComparison.Ordinal);
        Assert.StartsWith("Its record cannot be read", (await handle.InfoAsync()).Reason, StringComparison.Ordinal);
        Assert.False(await handle.CancelAsync(Cancellation));
        Assert.False(await handle.RedriveAsync(Cancellation));
        var kept = await ReadAsync(id);
        Assert.True(kept.AsSpan().StartsWith(Damaged), place);
    }

    private async Task<KreweHost> StartAsync(Action<KreweBuilder> handlers, Action<KreweOptions>? options = null) => await KreweHost.StartAsync(Setup(handlers, silo =>
    {
        silo.Partitions = 1;
        options?.Invoke(silo);
    }));

    /// <summary>A job in every place of a store whose silo has stopped. No worker asks queue critical, so the test is its worker; nobody handles the name in queue default, so it is parked.</summary>
    private async Task<(Dictionary<string, string> Damaged, List<string> Healthy)> QueueUpAsync()
    {
        await using var silo = await StartAsync(krewe => krewe.AddJob<AddNumbersHandler>(), options => options.ConsumedQueues = new Dictionary<string, int> { ["default"] = 1 });
        var owner = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IDispatchGrain>("critical~0");
        var damaged = new Dictionary<string, string>
        {
            ["done"] = await EnqueueAsync(silo, "critical"),
            ["dead"] = await EnqueueAsync(silo, "critical"),
            ["running"] = await EnqueueAsync(silo, "critical"),
        };
        var claims = (await owner.ClaimAsync(new ClaimRequest
        {
            Silo = "127.0.0.1:1@1", WorkerName = "by hand", Max = 3, Sequence = 1, Held = [], Handlers = ["sample.echo"], CanTakeSuspect = true,
        })).Claims;
        Assert.Equal(damaged.Values, claims.Select(claim => claim.JobId));
        await owner.FinishAsync([Outcome(claims[0], OutcomeKind.Succeeded), Outcome(claims[1], OutcomeKind.Failed)]);

        damaged["ready"] = await EnqueueAsync(silo, "critical");
        damaged["due"] = await EnqueueAsync(silo, "critical", DueDelay);
        damaged["parked"] = await EnqueueAsync(silo, "default");
        List<string> healthy = [await EnqueueAsync(silo, "critical"), await EnqueueAsync(silo, "critical", DueDelay), await EnqueueAsync(silo, "default")];
        await silo.Setup.Events.Until("job.parked", damaged["parked"]);
        await silo.Setup.Events.Until("job.parked", healthy[2]);
        return (damaged, healthy);
    }

    private static async Task<string> EnqueueAsync(KreweHost silo, string queue, TimeSpan? delay = null) =>
        (await silo.Jobs.EnqueueAsync(new EchoText("healthy"), new EnqueueOptions { Queue = queue, Delay = delay }, Cancellation)).Id;

    private static AttemptOutcome Outcome(ClaimedJob claim, OutcomeKind kind) => new()
    {
        Id = claim.Record.Id,
        Token = claim.Token,
        Kind = kind,
        Error = kind == OutcomeKind.Failed ? new JobError(1, "System.IO.IOException", "Broken.", null, claim.Claim.ClaimedAt, false) : null,
        EndedAt = claim.Claim.ClaimedAt,
    };
}

public sealed class UnreadableRecordOnSqliteTests : UnreadableRecordTests, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("krewe-damaged-").FullName;

    private string DataFile => Path.Combine(_folder, "krewe.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private protected override KreweSetup Setup(Action<KreweBuilder> handlers, Action<KreweOptions>? options = null) => new() { DataFile = DataFile, HandlesScripted = false, Krewe = handlers, Options = options };

    private protected override async Task DamageAsync(string jobId) => Assert.Equal(1L, await ExecuteAsync("UPDATE jobs SET record = $bytes WHERE id = $id RETURNING 1", jobId));

    private protected override async Task<byte[]> ReadAsync(string jobId) => (byte[])(await ExecuteAsync("SELECT record FROM jobs WHERE id = $id", jobId))!;

    private async Task<object?> ExecuteAsync(string sql, string jobId)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = DataFile, Pooling = false }.ToString());
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$id", LastPart(jobId));
        command.Parameters.AddWithValue("$bytes", Damaged);
        return await command.ExecuteScalarAsync(Cancellation);
    }
}

public sealed class UnreadableRecordOnRedisTests(RedisFixture redis) : UnreadableRecordTests, IClassFixture<RedisFixture>
{
    private readonly string _cluster = Some.Key("damaged");

    private protected override KreweSetup Setup(Action<KreweBuilder> handlers, Action<KreweOptions>? options = null) =>
        new() { Redis = redis.Server, ClusterId = _cluster, HandlesScripted = false, Krewe = handlers, Options = options };

    private protected override async Task DamageAsync(string jobId)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.Server.ConnectionString);
        await connection.GetDatabase().StringSetRangeAsync(KeyOf(jobId), Storage.Redis.RecordHeader.Length, Damaged);
    }

    private protected override async Task<byte[]> ReadAsync(string jobId)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.Server.ConnectionString);
        byte[] stored = (await connection.GetDatabase().StringGetAsync(KeyOf(jobId)))!;
        return stored[Storage.Redis.RecordHeader.Length..];
    }

    private string KeyOf(string jobId) => $"{_cluster}:{{{jobId.Split('~')[0]}/0}}:j:{LastPart(jobId)}";
}
