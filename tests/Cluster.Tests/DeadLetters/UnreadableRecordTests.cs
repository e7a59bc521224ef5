using Krewe.Cluster.Tests.Jobs;
using Krewe.Testing.Cluster;
using Krewe.Testing.Events;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Microsoft.Data.Sqlite;
using StackExchange.Redis;
using Xunit;

namespace Krewe.Cluster.Tests.DeadLetters;

/// <summary>One damaged record does not stop its neighbours, and nobody throws its bytes away.</summary>
public sealed class UnreadableRecordTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private static readonly byte[] Damaged = [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x01];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Record_WhenSqliteHoldsDamagedBytes_BecomesADeadLetterThatKeepsThem()
    {
        var folder = Directory.CreateTempSubdirectory("krewe-damaged-").FullName;
        try
        {
            var setup = new KreweSetup { DataFile = Path.Combine(folder, "krewe.db") };
            var (damaged, healthy) = await QueueUpAsync(setup);
            await ExecuteAsync(setup.DataFile, "UPDATE jobs SET record = $bytes WHERE id = $id", damaged);

            await ShouldRunOthersAsync(setup, damaged, healthy);

            Assert.Equal(Damaged, await ExecuteAsync(setup.DataFile, "SELECT record FROM jobs WHERE id = $id", damaged));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Record_WhenRedisHoldsDamagedBytes_BecomesADeadLetterThatKeepsThem()
    {
        var setup = new KreweSetup { Redis = redis.Server, Options = options => options.Partitions = 1 };
        var (damaged, healthy) = await QueueUpAsync(setup);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.Server.ConnectionString);
        var key = $"{setup.KeyPrefix}{{default/0}}:j:{LastPart(damaged)}";
        await connection.GetDatabase().StringSetRangeAsync(key, Storage.Redis.RecordHeader.Length, Damaged);

        await ShouldRunOthersAsync(setup, damaged, healthy);

        var kept = (byte[])(await connection.GetDatabase().StringGetAsync(key))!;
        Assert.Equal(Damaged, kept[Storage.Redis.RecordHeader.Length..(Storage.Redis.RecordHeader.Length + Damaged.Length)]);
    }

    /// <summary>Two jobs in a store whose silo has stopped before it ran them.</summary>
    private static async Task<(string Damaged, string Healthy)> QueueUpAsync(KreweSetup setup)
    {
        var idle = new KreweSetup
        {
            DataFile = setup.DataFile,
            Redis = setup.Redis,
            ClusterId = setup.ClusterId,
            HandlesScripted = false,
            Krewe = krewe => krewe.AddJob<AddNumbersHandler>(),
            Options = options => (options.Partitions, options.ConsumedQueues) = (1, new Dictionary<string, int> { ["low"] = 1 }),
        };
        await using var silo = await KreweHost.StartAsync(idle);
        var damaged = await silo.Jobs.EnqueueAsync(new EchoText("to be damaged"), cancellationToken: Cancellation);
        var healthy = await silo.Jobs.EnqueueAsync(new EchoText("healthy"), cancellationToken: Cancellation);
        return (damaged.Id, healthy.Id);
    }

    private static async Task ShouldRunOthersAsync(KreweSetup setup, string damaged, string healthy)
    {
        var events = new EventProbe();
        await using var silo = await KreweHost.StartAsync(new KreweSetup
        {
            DataFile = setup.DataFile,
            Redis = setup.Redis,
            ClusterId = setup.ClusterId,
            Options = options => options.Partitions = 1,
            Krewe = krewe => krewe.AddJob<EchoTextHandler>(),
            Events = events,
        });

        Assert.Equal("healthy", await silo.Jobs.GetHandle<string>(healthy).ResultAsync());
        var handle = silo.Jobs.GetHandle(damaged);
        Assert.Equal(JobState.Failed, await handle.EndAsync());
        Assert.StartsWith("Its record cannot be read", (await handle.InfoAsync()).Reason, StringComparison.Ordinal);
        Assert.Equal(1, (await silo.Jobs.Queues.ListAsync(Cancellation)).Single(queue => queue.Name == "default").Dead);
        Assert.False(await handle.RedriveAsync(Cancellation));
    }

    private static async Task<byte[]?> ExecuteAsync(string file, string sql, string jobId)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$id", LastPart(jobId));
        command.Parameters.AddWithValue("$bytes", Damaged);
        return (byte[]?)await command.ExecuteScalarAsync(Cancellation);
    }

    private static string LastPart(string jobId) => jobId[(jobId.LastIndexOf('~') + 1)..];
}
