using System.Globalization;
using Krewe.Queues;
using Krewe.Storage;
using Krewe.Storage.Redis;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>What a lane keeps of entries that are gone.</summary>
public sealed class RedisLaneMemoryTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private const int Count = 5_000;
    private const int Lane = 5;
    private static readonly PartitionKey Key = new("default", 0);

    [Fact]
    public async Task ReadLane_WhenFewEntriesAreLeftAmongManyRemoved_FreesWhatTheyPinAndChangesNothingElse()
    {
        await using var harness = new RedisHarness(redis.Server.ConnectionString) { ScriptPrelude = RedisHarness.KeyGuard };
        await harness.StartAsync();
        var lease = await harness.Store.OpenPartitionAsync(Key);
        var records = Enumerable.Range(1, Count).Select(position => Steps.Record($"job-{position}", position) with { Priority = Lane }).ToList();
        await CommitAsync(harness.Store, lease, records.Select(Steps.Add));
        await CommitAsync(harness.Store, lease, records.Where(record => record.Position % 100 != 0).Select(record => Steps.Finish(JobVerb.Cancel, JobPlace.Waiting, record, null, TimeSpan.FromHours(1))));
        var before = await MemoryAsync(harness);

        var page = await harness.Store.ReadLaneAsync(Key, Lane, -1, 500);

        var after = await MemoryAsync(harness);
        Assert.True(after * 10 < before, $"Expected less than a tenth of {before} bytes, got {after}.");
        var positions = Enumerable.Range(1, Count / 100).Select(index => index * 100L).ToList();
        Assert.Equal(positions, page.Jobs.Select(job => job.Position));
        Assert.Equal((Count, true), (page.LastPosition, page.IsEnd));
        Assert.Equal(positions, (await harness.Store.ReadLaneAsync(Key, Lane, -1, 500)).Jobs.Select(job => job.Position));
        Assert.Equal(positions.Count, (await harness.Store.CountAsync(Key)).LaneEntries[Lane]);

        // The lane goes on where it was: the next position is taken, the last one is refused, a survivor runs and goes.
        await CommitAsync(harness.Store, lease, [Steps.Add(Steps.Record("next", Count + 1) with { Priority = Lane }), Steps.Claim("job-100", "t"), Steps.Succeed(records[99], "t")]);
        Assert.Equal([.. positions.Skip(1), Count + 1L], (await harness.Store.ReadLaneAsync(Key, Lane, -1, 500)).Jobs.Select(job => job.Position));
        Assert.Equal(Count + 1, (await harness.Store.OpenPartitionAsync(Key)).LastPosition);
    }

    [Fact]
    public async Task ReadLane_WhenTheLaneIsWideButDense_LeavesItAlone()
    {
        await using var harness = new RedisHarness(redis.Server.ConnectionString);
        await harness.StartAsync();
        var lease = await harness.Store.OpenPartitionAsync(Key);
        await CommitAsync(harness.Store, lease, Enumerable.Range(1, Count).Select(index => Steps.Add(Steps.Record($"job-{index}", index * 40L) with { Priority = Lane })));
        var before = await MemoryAsync(harness);

        Assert.Equal(500, (await harness.Store.ReadLaneAsync(Key, Lane, -1, 500)).Jobs.Count);

        Assert.Equal(before, await MemoryAsync(harness));
    }

    private static async Task CommitAsync(IJobStore store, PartitionLease lease, IEnumerable<JobStep> steps)
    {
        foreach (var chunk in steps.Chunk(GroupCommit.MaxSteps))
        {
            Assert.All(await store.CommitAsync(lease, chunk), answer => Assert.Equal(StepResult.Taken, answer.Result));
        }
    }

    private static async Task<long> MemoryAsync(RedisHarness harness)
    {
        var lane = new PartitionKeys(harness.Prefix, Key).Lanes[Lane];
        var bytes = await (await harness.DatabaseAsync()).ExecuteAsync("MEMORY", "USAGE", lane, "SAMPLES", "0");
        return long.Parse(bytes.ToString(), CultureInfo.InvariantCulture);
    }
}
