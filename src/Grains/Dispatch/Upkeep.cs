using Krewe.Execution;
using Krewe.Flows;
using Krewe.Hosting;
using Krewe.Placement;
using Krewe.Queues;
using Krewe.Storage;
using Microsoft.Extensions.Logging;

namespace Krewe.Dispatch;

/// <summary>Keeps partitions awake that hold jobs, and tells the worker which partitions there are. One per silo.</summary>
/// <remarks>
/// No partition sleeps with work: at the silo's start, at every change of membership and every 30 seconds each silo pings its share of the catalogue (<see cref="SiloShare"/>). What one round
/// leaves out the next one mends.
/// Names that are handled here are declared anew every hour: they are remembered for 30 days after the last silo that handled them.
/// </remarks>
internal sealed class Upkeep(IJobStore store, Worker worker, HandlerRegistry registry, FlowUpkeep flows, IGrainFactory grains, IClusterMembershipService membership, SiloIdentity silo, TimeProvider time, ILogger<Upkeep> logger) : IDisposable
{
    internal static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DeclareInterval = TimeSpan.FromHours(1);
    private const int TicksPerLook = 5;
    private const int PingsAtATime = 16;

    private readonly CancellationTokenSource _stop = new();
    private DateTimeOffset _declaredAt = time.GetUtcNow();
    private Task _loops = Task.CompletedTask;

    /// <summary>Learns the partitions, then runs until <see cref="StopAsync"/>.</summary>
    public async Task StartAsync()
    {
        await LookAsync();
        worker.Start();
        var pings = new Rounds(() => GuardAsync(PingShareAsync)); // Beside the loops: opening a partition may wait for a silo that hangs.
        _loops = RunAsync(pings);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _loops;
    }

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync(Rounds pings)
    {
        await Task.WhenAll(Task.Run(() => TickAsync(pings)), Task.Run(() => WatchMembershipAsync(pings)));
        await pings.Ended;
    }

    private async Task TickAsync(Rounds pings)
    {
        using var timer = new PeriodicTimer(TickInterval, time);
        var pingedAt = time.GetTimestamp();
        for (var tick = 0; await NextAsync(timer); tick++)
        {
            worker.Tick();
            if (tick % TicksPerLook == 0)
            {
                await GuardAsync(LookAsync);
            }

            if (time.GetElapsedTime(pingedAt) >= PingInterval)
            {
                pingedAt = time.GetTimestamp();
                pings.Ask();
            }
        }
    }

    private async Task WatchMembershipAsync(Rounds pings)
    {
        try
        {
            await foreach (var members in membership.MembershipUpdates.WithCancellation(_stop.Token))
            {
                if (members.GetSiloStatus(silo.SiloAddress) == SiloStatus.Dead)
                {
                    worker.Abandon(); // Orleans ends the process in a moment.
                    return;
                }

                pings.Ask();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task<bool> NextAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Queues that other silos declared since are consumed too.</summary>
    private async Task LookAsync()
    {
        if ((time.GetUtcNow() - _declaredAt).Duration() >= DeclareInterval)
        {
            await store.DeclareNamesAsync([.. registry.Names]);
            _declaredAt = time.GetUtcNow();
        }

        var queues = await store.ListQueuesAsync();
        worker.Know(queues.SelectMany(queue => Enumerable.Range(0, queue.Value).Select(partition => new PartitionKey(queue.Key, partition))));
    }

    private async Task PingShareAsync()
    {
        var share = SiloShare.Of(silo);
        var mine = (await store.ListPartitionsAsync()).Where(partition => share.Has(partition.ToString()));
        await Parallel.ForEachAsync(mine, new ParallelOptions { MaxDegreeOfParallelism = PingsAtATime, CancellationToken = _stop.Token }, async (partition, _) => await PingAsync(partition));
        flows.KeepUp(share.Has, _stop.Token); // Beside the partitions: thousands of flows must not hold up the rescue of claims.
    }

    private async Task PingAsync(PartitionKey partition)
    {
        try
        {
            await grains.GetGrain<IDispatchGrain>(partition.ToString()).PingAsync().WaitAsync(_stop.Token);
        }
        catch (Exception exception) when (!_stop.IsCancellationRequested)
        {
            Queues.Log.UpkeepFailed(logger, partition, exception.Message);
        }
    }

    private async Task GuardAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopping.
        }
        catch (Exception exception)
        {
            Log.CatalogueFailed(logger, exception.Message); // Whatever it was, upkeep goes on at the next round.
        }
    }
}
