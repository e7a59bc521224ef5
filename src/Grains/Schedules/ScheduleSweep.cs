using System.Collections.Concurrent;
using Krewe.Hosting;
using Krewe.Placement;
using Krewe.Storage;
using Microsoft.Extensions.Logging;

namespace Krewe.Schedules;

/// <summary>Wakes schedules before they are due, and declares those of code and configuration. One per silo.</summary>
/// <remarks>
/// Every two seconds each silo asks the store what is due within five, and wakes its share of it (by hash of the id over the active silos); what is overdue it wakes whoever's share it is, since a silo that died
/// counts as active for some seconds. A schedule that is awake already is told so once more, which costs a call and changes nothing. So nothing that is due depends on a timer of a silo that is gone, nor on
/// a reminder: see docs/decisions/0014-schedules.md.
/// </remarks>
internal sealed class ScheduleSweep(IScheduleStore store, IGrainFactory grains, ScheduleSeeds seeds, SiloIdentity silo, TimeProvider time, ILogger<ScheduleSweep> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>How late an enabled schedule may be before the silo's health says so.</summary>
    internal static readonly TimeSpan OverdueAfter = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Horizon = TimeSpan.FromSeconds(5);
    private const int PageSize = 1_000;
    private const int AtATime = 64;

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, byte> _waking = new();
    private Task _loop = Task.CompletedTask;
    private Task _sowing = Task.CompletedTask;
    private long _sweptAt = time.GetTimestamp();

    /// <summary>Schedules that were overdue by more than a minute when this silo looked last.</summary>
    public int OverdueCount { get; private set; }

    /// <summary>The one of them that was due first; null: there is none.</summary>
    public string? FirstOverdue { get; private set; }

    /// <summary>How long this silo has not been able to look.</summary>
    public TimeSpan NotSweptFor => time.GetElapsedTime(_sweptAt);

    /// <summary>Schedules of this silo's code and configuration that could not be declared yet.</summary>
    public IReadOnlyList<string> NotSown => seeds.Left;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(ScheduleSweep), ServiceLifecycleStage.Active + 2, StartAsync, StopAsync);

    public void Dispose() => _stop.Dispose();

    private Task StartAsync(CancellationToken cancellationToken)
    {
        _loop = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _loop;
        await _sowing;
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                await GuardAsync(SweepAsync);
                if (_sowing.IsCompleted)
                {
                    _sowing = GuardAsync(() => seeds.SowAsync(_stop.Token)); // Beside the sweep: thousands of them, or one that hangs, must not hold up what is due.
                }
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
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
            Log.SweepFailed(logger, exception.Message); // Whatever it was, the next round looks again.
        }
    }

    /// <summary>Wakes what is due soon. A round that finds many goes on beside the next ones.</summary>
    private async Task SweepAsync()
    {
        var (now, overdue, first) = (time.GetUtcNow(), 0, (string?)null);
        var due = new List<DueSchedule>();
        while (await store.ListDueAsync(now + Horizon, due.Count, PageSize) is { Count: > 0 } page)
        {
            due.AddRange(page);
            overdue += page.Count(schedule => schedule.WakeAt < now - OverdueAfter);
            first ??= page[0].WakeAt < now - OverdueAfter ? page[0].Id : null;
            if (page.Count < PageSize)
            {
                break;
            }
        }

        (OverdueCount, FirstOverdue, _sweptAt) = (overdue, first, time.GetTimestamp());
        var share = SiloShare.Of(silo);
        var mine = due.FindAll(schedule => (schedule.WakeAt < now - Interval || share.Has(schedule.Id)) && _waking.TryAdd(schedule.Id, 0));
        if (mine.Count > 0)
        {
            WakeAsync(mine).Ignore();
        }
    }

    private Task WakeAsync(List<DueSchedule> due) => Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (schedule, _) =>
    {
        try
        {
            await grains.GetGrain<IScheduleGrain>(schedule.Id).WakeAsync();
        }
        catch (Exception exception)
        {
            if (!_stop.IsCancellationRequested)
            {
                Log.WakeFailed(logger, schedule.Id, exception.Message); // Broad: the others must be woken, too, and this one again in two seconds.
            }
        }
        finally
        {
            _waking.TryRemove(schedule.Id, out byte _);
        }
    });
}
