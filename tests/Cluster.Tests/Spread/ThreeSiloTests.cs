using System.Collections.Concurrent;
using System.Diagnostics;
using Krewe.Cluster.Tests.Jobs;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Cluster.Tests.Spread;

/// <summary>Three silos on one Redis, and a client that is none.</summary>
public sealed class ThreeSiloTests(RedisFixture redis) : IClassFixture<RedisFixture>, IAsyncLifetime
{
    private KreweCluster? _cluster;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private KreweCluster Cluster => _cluster ?? throw new InvalidOperationException("Expected a started cluster.");

    public async ValueTask InitializeAsync() => _cluster = await KreweCluster.StartAsync(redis.Server, 3, new KreweSetup
    {
        Krewe = krewe => krewe.AddJob<AddNumbersHandler>(),
        Options = options => options.Concurrency = 8,
    });

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    [Fact]
    public async Task Jobs_WhenThereAreManyForThreeSilos_SpreadAndRunOnceEach()
    {
        var ran = new ConcurrentBag<string>();
        var workers = new ConcurrentDictionary<string, int>();
        var gate = new Gate();
        Cluster.Scripts.AddAs("spread", async (context, token) =>
        {
            ran.Add(context.JobId);
            await gate.PassAsync(token);
            return null;
        });
        var handles = await Cluster.Silos[0].Jobs.EnqueueManyAsync<string?>(Enumerable.Repeat(new Scripted("spread"), 24), cancellationToken: Cancellation);

        await gate.ArrivedAsync(24);
        foreach (var info in await Task.WhenAll(handles.Select(handle => handle.InfoAsync())))
        {
            workers.AddOrUpdate(info.Worker!, 1, (_, count) => count + 1);
        }

        gate.Open();
        await Task.WhenAll(handles.Select(handle => handle.EndAsync()));
        Assert.Equal(handles.Select(handle => handle.Id).Order(), ran.Order());
        Assert.Equal(new SortedDictionary<string, int> { ["silo-1"] = 8, ["silo-2"] = 8, ["silo-3"] = 8 }, new SortedDictionary<string, int>(workers));
    }

    [Fact]
    public async Task Client_WhenItIsNoSilo_EnqueuesWaitsAndCancels()
    {
        await using var byGateway = await ExternalClient.ToAsync(Cluster.Silos[1]);
        await using var byRedis = await ExternalClient.StartAsync(client => client.UseRedis(redis.Server.ConnectionString).UseClusterId(Cluster.Setup.ClusterId));
        foreach (var jobs in new[] { byGateway.Jobs, byRedis.Jobs })
        {
            Assert.Equal(7, await (await jobs.EnqueueAsync(new AddNumbers(3, 4), cancellationToken: Cancellation)).ResultAsync());
            var gate = new Gate();
            var running = await jobs.EnqueueAsync(
                Cluster.Scripts.Add(async (_, token) =>
                {
                    await gate.PassAsync(token);
                    return "never";
                }),
                cancellationToken: Cancellation);
            await gate.ArrivedAsync();

            Assert.True(await running.CancelAsync(Cancellation));
            Assert.Equal(JobState.Cancelled, await running.EndAsync());
            Assert.Equal(["silo-1", "silo-2", "silo-3"], (await jobs.Workers.ListAsync(Cancellation)).Select(worker => worker.Name));
        }
    }

    [Fact]
    public async Task Cancel_WhenItComesThroughAnySilo_ReachesTheHandler()
    {
        foreach (var silo in Cluster.Silos)
        {
            var gate = new Gate();
            var handle = await Cluster.Silos[0].Jobs.EnqueueAsync(
                Cluster.Scripts.Add(async (_, token) =>
                {
                    await gate.PassAsync(token);
                    return "never";
                }),
                cancellationToken: Cancellation);
            await gate.ArrivedAsync();

            Assert.True(await silo.Jobs.GetHandle(handle.Id).CancelAsync(Cancellation));
            Assert.Equal(JobState.Cancelled, await handle.EndAsync());
        }
    }

    [Fact]
    public async Task Stop_WhenOneSiloLeavesInOrder_LosesNothingAndSpendsNoAttempt()
    {
        var gate = new Gate();
        var attempts = new ConcurrentBag<(string JobId, int Attempt)>();
        Cluster.Scripts.AddAs("leaving", async (context, token) =>
        {
            attempts.Add((context.JobId, context.Attempt));
            await gate.PassAsync(token);
            return context.JobId;
        });
        var handles = await Cluster.Silos[0].Jobs.EnqueueManyAsync<string?>(Enumerable.Repeat(new Scripted("leaving"), 60), cancellationToken: Cancellation);
        await gate.ArrivedAsync(24);
        var waits = handles.Select(handle => handle.ResultAsync()).ToList();

        await Cluster.Silos[2].StopAsync();
        gate.Open();

        Assert.Equal(handles.Select(handle => handle.Id), await Task.WhenAll(waits));
        Assert.All(attempts, attempt => Assert.Equal(1, attempt.Attempt));
        foreach (var info in await Task.WhenAll(handles.Select(handle => handle.InfoAsync())))
        {
            Assert.Equal((JobState.Succeeded, 1, 0), (info.State, info.Attempt, info.LostDeliveries));
        }

        // Those of the silo that left ran twice, because their handlers had been told to end; nobody else's did.
        var again = attempts.GroupBy(attempt => attempt.JobId).Where(runs => runs.Count() > 1).Select(runs => runs.Key).ToList();
        Assert.All(again, id => Assert.Contains("job.released", Cluster.Events.KindsOf(id)));
        Assert.Equal(["silo-1", "silo-2"], (await Cluster.Silos[0].Jobs.Workers.ListAsync(Cancellation)).Select(worker => worker.Name));
    }

    [Fact]
    public async Task Trace_WhenTheCallerHasOne_GoesOnInTheHandler()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == KreweDiagnostics.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var caller = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();

        var handle = await Cluster.Silos[0].Jobs.EnqueueAsync(Cluster.Scripts.Add(_ => Activity.Current?.TraceId.ToString()), cancellationToken: Cancellation);

        Assert.Equal(caller.TraceId.ToString(), await handle.ResultAsync());
    }
}
