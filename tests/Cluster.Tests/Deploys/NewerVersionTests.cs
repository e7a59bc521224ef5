using Krewe.Cluster.Tests.Jobs;
using Krewe.Dispatch;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Cluster.Tests.Deploys;

/// <summary>This version beside a newer one, which has written what this one does not know: members of records, states, places.</summary>
public abstract class NewerVersionTests
{
    /// <summary>Field 1,000 with three bytes.</summary>
    private const string UnknownMember = "C23E03010203";

    /// <summary>Field 22, the settings, with a field 1,000 in them.</summary>
    private const string UnknownSetting = "B20106C23E03040506";

    private const JobState NewState = (JobState)77;
    private static readonly PartitionKey Key = new("default", 0);

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Record_WhenItHasMembersOfANewerVersion_KeepsThemThroughAWholeLife()
    {
        await using var silo = await StartAsync();
        var job = silo.Setup.Scripts.Add(context => context.Attempt == 1 ? throw new IOException("Once.") : "done");
        var handle = await silo.Jobs.EnqueueAsync(job, new EnqueueOptions { Id = "mine", Delay = TimeSpan.FromHours(1), Retry = RetryPolicy.Fixed(TimeSpan.Zero) }, Cancellation);
        var stored = (await FindAsync(silo, "mine")).Record!;
        byte[] newer = [.. JobRecordCodec.Encode(stored), .. Convert.FromHexString(UnknownMember + UnknownSetting)];
        Assert.True(JobRecordCodec.TryDecode(newer, out var record, out var reason), reason);
        await CommitAsync(silo, lease => [JobTransitions.Promote(record, ++lease.LastPosition)]);

        await silo.Jobs.EnqueueAsync(new EchoText("the owner hears of the other's epoch"), cancellationToken: Cancellation);
        Assert.Equal("done", await handle.ResultAsync());

        var info = await handle.InfoAsync();
        Assert.Equal((2, "System.IO.IOException"), (info.Attempt, info.Errors.Single().Type));
        var kept = Convert.ToHexString(JobRecordCodec.Encode((await FindAsync(silo, "mine")).Record!));
        Assert.Contains(UnknownMember, kept, StringComparison.Ordinal);
        Assert.Contains(UnknownSetting[6..], kept, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Job_WhenItsStateOrPlaceIsOfANewerVersion_IsLeftAloneAndStandsInNobodysWay()
    {
        await using var silo = await StartAsync();
        JobStep[] steps = [.. NewerSteps(silo), .. NewPlaces.Select(place => Step("elsewhere", place))];
        await CommitAsync(silo, lease => [.. steps.Select(step => step with { Record = step.Record! with { Position = ++lease.LastPosition } })]);

        var handles = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => silo.Jobs.EnqueueAsync(new EchoText($"{number}"), cancellationToken: Cancellation)));
        var due = await silo.Jobs.EnqueueAsync(new EchoText("due"), new EnqueueOptions { Delay = TimeSpan.FromMilliseconds(100) }, Cancellation);
        await silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IDispatchGrain>(Key.ToString()).PingAsync();

        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7"], await Task.WhenAll(handles.Select(handle => handle.ResultAsync())));
        Assert.Equal("due", await due.ResultAsync());
        foreach (var step in steps)
        {
            await AssertLeftAloneAsync(silo, step);
        }
    }

    /// <summary>Places of a newer version that the store lets this one write; one that checks what it is given has none.</summary>
    private protected virtual JobPlace[] NewPlaces => [];

    private protected abstract KreweSetup Setup(Action<KreweBuilder> krewe, Action<KreweOptions> options);

    /// <summary>A job of a newer version in every place, at the head of each, some of them due or void.</summary>
    private static JobStep[] NewerSteps(KreweHost silo)
    {
        var longAgo = DateTimeOffset.UnixEpoch.AddYears(50);
        var ofADeadSilo = new JobClaim { Token = "1-abc", Silo = "127.0.0.1:1@1", ClusterId = silo.Setup.ClusterId, ClaimedAt = longAgo };
        return
        [
            Step("ready", JobPlace.Ready) with { IsAtTail = true },
            Step("due", JobPlace.Due) with { DueAt = longAgo },
            Step("expiring", JobPlace.Due) with { DueAt = longAgo.AddYears(100), ExpiresAt = longAgo },
            Step("parked", JobPlace.Parked) with { ParkedName = "sample.echo" },
            Step("running", JobPlace.Running) with { IsAtTail = true, Claim = ofADeadSilo },
            Step("dead", JobPlace.Dead),
            Step("done", JobPlace.Done) with { IsListed = true },
        ];
    }

    private static JobStep Step(string id, JobPlace to)
    {
        var record = new JobRecord { Id = id, Name = "sample.echo", Args = """{"text":"x"}"""u8.ToArray(), State = NewState, Priority = 9, EnqueuedAt = DateTimeOffset.UnixEpoch };
        return new JobStep { Verb = JobVerb.Add, Id = id, From = JobPlace.Nowhere, To = to, Record = record };
    }

    private static async Task AssertLeftAloneAsync(KreweHost silo, JobStep step)
    {
        var handle = silo.Jobs.GetHandle(Key.JobId(step.Id));
        Assert.False(await handle.RedriveAsync(Cancellation), step.Id);
        Assert.False(await handle.ForgetAsync(Cancellation), step.Id);
        Assert.Equal((step.Id, step.To == JobPlace.Running ? JobState.Running : NewState), (step.Id, (await handle.InfoAsync()).State));
        if (step.To != JobPlace.Running)
        {
            Assert.False(await handle.CancelAsync(Cancellation), step.Id);
        }

        var job = await FindAsync(silo, step.Id);
        Assert.Equal((step.Id, step.To, NewState), (step.Id, job.Place, job.Record!.State));
    }

    private static IJobStore StoreOf(KreweHost silo) => silo.Services.GetRequiredService<IJobStore>();

    private static async Task<StoredJob> FindAsync(KreweHost silo, string id) => (await StoreOf(silo).FindAsync(Key, [id]))[0]!;

    /// <summary>Commits as an owner of a newer version would; the one of this version finds its epoch over, and reads the partition anew.</summary>
    private static async Task CommitAsync(KreweHost silo, Func<PartitionLease, JobStep[]> steps)
    {
        for (var tries = 1; ; tries++)
        {
            var lease = await StoreOf(silo).OpenPartitionAsync(Key);
            try
            {
                Assert.All(await StoreOf(silo).CommitAsync(lease, steps(lease)), answer => Assert.Equal(StepResult.Taken, answer.Result));
                return;
            }
            catch (StaleEpochException) when (tries < 10)
            {
                // The silo's own owner opened it between.
            }
        }
    }

    private Task<KreweHost> StartAsync() => KreweHost.StartAsync(Setup(krewe => krewe.AddJob<EchoTextHandler>(), options => options.Partitions = 1));
}

public sealed class NewerVersionOnSqliteTests : NewerVersionTests
{
    private protected override KreweSetup Setup(Action<KreweBuilder> krewe, Action<KreweOptions> options) => new() { IsOnDisk = false, Krewe = krewe, Options = options };
}

public sealed class NewerVersionOnRedisTests(RedisFixture redis) : NewerVersionTests, IClassFixture<RedisFixture>
{
    private protected override JobPlace[] NewPlaces => [(JobPlace)64];

    private protected override KreweSetup Setup(Action<KreweBuilder> krewe, Action<KreweOptions> options) => new() { Redis = redis.Server, Krewe = krewe, Options = options };
}
