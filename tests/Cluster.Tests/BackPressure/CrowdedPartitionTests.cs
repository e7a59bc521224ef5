using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Testing;
using Krewe.Testing.Cluster;
using Krewe.Testing.Redis;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Cluster.Tests.BackPressure;

/// <summary>Callers that are faster than the store are told so, instead of filling the silo's memory.</summary>
public sealed class CrowdedPartitionTests
{
    private const int JobsPerCall = 256;
    private const int CallsThatFit = Intake.MaxEntering / JobsPerCall;
    private const int CallsTooMany = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Add_WhenTheStoreHangs_RefusesAtOnceWhatIsTooMuchAndStoresTheRest()
    {
        Assert.SkipWhen(RedisServer.IsExternal, RedisServer.ExternalReason);
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var silo = await KreweHost.StartAsync(new KreweSetup { Redis = redis, Options = options => options.Partitions = 1 });
        var owner = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IQueueGrain>("default~0");
        await owner.AddAsync(NewJobs("first", 1)); // It is open.

        var jobs = Enumerable.Range(0, CallsThatFit + CallsTooMany).Select(call => NewJobs($"{call}", JobsPerCall)).ToList();
        redis.Pause(); // From here to the end of the pause, less than the time that the first call gives the store.
        var calls = jobs.ConvertAll(owner.AddAsync);
        var refused = await FirstAsync(calls, CallsTooMany);
        redis.Resume();

        Assert.All(refused, call => Assert.Contains("as many as it may", Assert.IsType<StoreUnavailableException>(call.Exception?.InnerException).Message, StringComparison.Ordinal));
        var stored = await Task.WhenAll(calls.Except(refused)).WaitAsync(Some.Timeout, Cancellation);
        Assert.All(stored.SelectMany(answers => answers), answer => Assert.Equal(AddResult.Added, answer.Result));
        Assert.Equal(Intake.MaxEntering + 1, (await owner.GetQueueInfoAsync()).Scheduled);
        Assert.Equal(AddResult.Added, (await owner.AddAsync(NewJobs("last", 1)))[0].Result);
    }

    private static async Task<List<Task<AddAnswer[]>>> FirstAsync(List<Task<AddAnswer[]>> calls, int count)
    {
        var ended = new List<Task<AddAnswer[]>>();
        await foreach (var call in Task.WhenEach(calls).WithCancellation(Cancellation))
        {
            ended.Add(call);
            if (ended.Count == count)
            {
                break;
            }
        }

        return ended;
    }

    private static NewJob[] NewJobs(string id, int count) => [.. Enumerable.Range(0, count).Select(number => new NewJob
    {
        Id = $"{id}-{number}", Name = "test.scripted", Args = "{}"u8.ToArray(), Fingerprint = 1, Delay = TimeSpan.FromHours(1),
    })];
}
