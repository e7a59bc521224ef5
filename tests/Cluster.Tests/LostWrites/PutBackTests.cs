using Krewe.Dispatch;
using Krewe.Execution;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;
using Krewe.Testing.Cluster;
using Krewe.Testing.Redis;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Cluster.Tests.LostWrites;

/// <summary>What a partition that is opened puts back, by what the store has and what silos say; the rows that no crash brings about at will.</summary>
public sealed class PutBackTests(RedisFixture redis) : IClassFixture<RedisFixture>, IAsyncLifetime
{
    private static readonly PartitionKey Key = new("unlisted", 0);
    private static readonly SiloAddress Here = SiloAddress.FromParsableString("127.0.0.1:1@1");
    private static readonly SiloAddress There = SiloAddress.FromParsableString("127.0.0.1:2@1");

    private readonly Keepers _keepers = new();
    private KreweHost? _silo;
    private OwnedPartition? _opened;

    private OwnedPartition Opened => _opened!;

    private IJobStore Store => _silo!.Services.GetRequiredService<IJobStore>();

    public async ValueTask InitializeAsync()
    {
        _silo = await KreweHost.StartAsync(new KreweSetup { Redis = redis.Server });
        var lease = await Store.OpenPartitionAsync(Key);
        _opened = new OwnedPartition(Key, lease, new GroupCommit(steps => Store.CommitAsync(lease, steps)));
    }

    public ValueTask DisposeAsync() => _silo?.DisposeAsync() ?? default;

    [Fact]
    public async Task PutBack_WhenTwoSilosHoldTheJob_TheLaterDeliveryCounts()
    {
        _keepers.Hold(Here, Claimed("a", delivery: 2));
        _keepers.Hold(There, Claimed("a", delivery: 3));

        await PutBackAsync();

        Assert.Equal("3-a", (await FoundAsync("a")).Claim?.Token);
        Assert.Equal(("3-a", 2), (Opened.Running["a"].Claim.Token, Opened.Running["a"].Record.Deliveries));
    }

    [Fact]
    public async Task PutBack_WhenAnotherJobTookTheUniqueKeyOfALostOne_BothAreKept()
    {
        await TakenAsync(Add(Record("holder") with { UniqueKey = "key" }) with { Unique = new UniqueHold("test.lost", "key", UniqueAction.Take, null) });
        _keepers.Hold(Here, Claimed("a", 1) with { Record = Record("a") with { UniqueKey = "key" } });

        await PutBackAsync();

        Assert.Equal(JobPlace.Running, (await FoundAsync("a")).Place);
        var third = await Opened.CommitAsync(Add(Record("third") with { UniqueKey = "key" }) with { Unique = new UniqueHold("test.lost", "key", UniqueAction.Take, null) });
        Assert.Equal((StepResult.UniqueHeld, "holder"), (third.Result, third.HolderId));
    }

    [Fact]
    public async Task PutBack_WhenTheStoreKnowsTheEndOfTheDelivery_LeavesItAlone()
    {
        var (retried, done) = (Record("retried") with { Deliveries = 1 }, Record("done"));
        await TakenAsync(Add(retried));
        await TakenAsync(Add(done));
        await TakenAsync(JobTransitions.Cancel(done, null, "Asked for.", TimeProvider.System.GetUtcNow()));
        _keepers.Hold(Here, Claimed("retried", 1), Claimed("done", 1));

        await PutBackAsync();

        Assert.Equal([JobPlace.Ready, JobPlace.Done], [(await FoundAsync("retried")).Place, (await FoundAsync("done")).Place]);
        Assert.Empty(Opened.Running);
        Assert.Empty(_keepers.Told);
    }

    [Fact]
    public async Task PutBack_WhenTheStoreHasGivenTheJobToAnother_LeavesItThere()
    {
        var record = Record("a");
        await TakenAsync(Add(record));
        await TakenAsync(JobTransitions.Claim(record, Claim("1-other")));
        Opened.Running["a"] = new RunningJob(record, Claim("1-other"));
        _keepers.Hold(Here, Claimed("a", 1));

        await PutBackAsync();

        Assert.Equal("1-other", (await FoundAsync("a")).Claim?.Token);
        Assert.Empty(_keepers.Told);
    }

    [Fact]
    public async Task PutBack_WhenAThousandClaimsAreLost_FetchesTheirJobsAFewAtATime()
    {
        var ids = Enumerable.Range(0, 1_000).Select(i => $"job{i}").ToList();
        var queued = ids.Take(500).Select(Record).ToList();
        await Opened.CommitAsync(queued.ConvertAll(Add));
        _keepers.Hold(Here, [.. ids.Select(id => Claimed(id, 1))]);
        Opened.Waiting = queued.Count;

        await PutBackAsync();

        Assert.Equal(1_000, Opened.Running.Count);
        Assert.Equal(0, Opened.Waiting);
        Assert.All(_keepers.Told, told => Assert.InRange(told, 1, 32));
        Assert.All(await Store.FindAsync(Key, ids), job => Assert.Equal(JobPlace.Running, job?.Place));
    }

    [Fact]
    public async Task PutBack_WhenTheJobIsHandedBack_ItIsAtThePlaceThatTheStoreHasForIt()
    {
        var (first, second) = (Record("first"), Record("second"));
        await TakenAsync(Add(first));
        await TakenAsync(Add(second));
        _keepers.Hold(Here, Claimed("first", 3) with { Record = first with { Position = second.Position + 100, Deliveries = 2, FailedAttempts = 2 } });

        await PutBackAsync();

        var running = Opened.Running["first"];
        Assert.Equal((first.Position, 2), (running.Record.Position, running.Record.FailedAttempts));
        await TakenAsync(JobTransitions.Recall(running.Record, running.Claim));
        Assert.Equal(["first", "second"], (await Store.ReadLaneAsync(Key, first.Priority, -1, 10)).Jobs.Select(job => job.Id));
    }

    private Task PutBackAsync() => new Reassertion(Key, _silo!.Services.GetRequiredService<OwnerServices>(), _keepers).PutBackAsync(Opened, hasGoneBack: true);

    private async Task TakenAsync(JobStep step) => Assert.Equal(StepResult.Taken, (await Opened.CommitAsync(step)).Result);

    private async Task<StoredJob> FoundAsync(string id) => Assert.IsType<StoredJob>((await Store.FindAsync(Key, [id]))[0]);

    private JobRecord Record(string id) => new() { Id = id, Name = "test.lost", Priority = 4, Position = Opened.NextPosition(), State = JobState.Queued, EnqueuedAt = TimeProvider.System.GetUtcNow() };

    private static JobStep Add(JobRecord record) => new() { Verb = JobVerb.Add, Id = record.Id, From = JobPlace.Nowhere, To = JobPlace.Ready, IsAtTail = true, Record = record };

    private static JobClaim Claim(string token) => new() { Token = token, Silo = Here.ToParsableString(), ClusterId = "test", ClaimedAt = TimeProvider.System.GetUtcNow() };

    private ClaimedJob Claimed(string id, int delivery) => new(Key, Record(id) with { Deliveries = delivery - 1 }, Claim($"{delivery}-{id}"));

    /// <summary>Silos that say what a test told them to.</summary>
    private sealed class Keepers : IClaimKeepers
    {
        private readonly List<(SiloAddress Silo, ClaimedJob Job)> _held = [];

        /// <summary>How many whole jobs each call asked for.</summary>
        public List<int> Told { get; } = [];

        public void Hold(SiloAddress silo, params ClaimedJob[] jobs) => _held.AddRange(jobs.Select(job => (silo, job)));

        public Task<IReadOnlyList<HeldToken>> HeldAsync(PartitionKey partition, long epoch, bool mustHearAll) =>
            Task.FromResult<IReadOnlyList<HeldToken>>([.. _held.Select(held => new HeldToken(held.Silo, held.Job.Record.Id, held.Job.Token))]);

        public Task<IReadOnlyList<ClaimedJob>> TellAsync(SiloAddress silo, string[] tokens, bool mustHear)
        {
            Told.Add(tokens.Length);
            return Task.FromResult<IReadOnlyList<ClaimedJob>>([.. _held.Where(held => held.Silo.Equals(silo) && tokens.Contains(held.Job.Token)).Select(held => held.Job)]);
        }
    }
}
