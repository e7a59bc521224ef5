using Krewe.Dispatch;
using Microsoft.Extensions.Logging;

namespace Krewe.Execution;

/// <summary>Keeps the thread pool answering while handlers block its threads. One per silo.</summary>
/// <remarks>
/// <para>By itself the pool makes a thread per core at once and one or two a second beyond. A hundred handlers that block would take every new one for a minute, and with
/// them the silo's HTTP, its probes and its other jobs. So while handlers run, a work item is sent through the pool ten times a second; when one waits although
/// hardly any work ends, the pool may make a few threads more at once (<see cref="ThreadFloor"/>), until there is one per running handler beside its own. When they
/// have ended it is lowered again, and the pool lets idle threads go.</para>
/// <para>The guard has a thread of its own, because the pool that it looks after could not run it. Where nobody blocks it costs one work item in a tenth of a second.</para>
/// </remarks>
internal sealed class PoolGuard(Worker worker, TimeProvider time, ILogger<PoolGuard> logger) : ILifecycleParticipant<ISiloLifecycle>, IThreadPoolWorkItem, IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>While no handler runs: each look wakes a core.</summary>
    private static readonly TimeSpan IdleInterval = TimeSpan.FromMilliseconds(500);

    private readonly ManualResetEventSlim _stop = new(false, spinCount: 0);
    private Thread? _thread;
    private long _probedAt;
    private int _isProbing;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(PoolGuard), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    /// <summary>The probe has come through.</summary>
    void IThreadPoolWorkItem.Execute() => Volatile.Write(ref _isProbing, 0);

    public void Dispose()
    {
        End(); // A silo that could not start is not stopped.
        _stop.Dispose();
    }

    private Task StartAsync(CancellationToken cancellationToken)
    {
        _thread = new Thread(Guard) { IsBackground = true, Name = "krewe-pool-guard" };
        _thread.Start();
        return Task.CompletedTask;
    }

    private Task StopAsync(CancellationToken cancellationToken)
    {
        End();
        return Task.CompletedTask;
    }

    private void End()
    {
        _stop.Set();
        _thread?.Join();
    }

    private void Guard()
    {
        ThreadPool.GetMinThreads(out var lowest, out _);
        var (floor, calmSince, ended) = (lowest, time.GetTimestamp(), ThreadPool.CompletedWorkItemCount);
        for (var isIdle = true; !_stop.Wait(isIdle ? IdleInterval : LookInterval);)
        {
            var running = worker.RunningCount;
            isIdle = running == 0 && floor == lowest;
            if (isIdle)
            {
                continue;
            }

            var waited = Probe();
            calmSince = waited >= ThreadFloor.StallAfter ? time.GetTimestamp() : calmSince;
            var endedNow = ThreadPool.CompletedWorkItemCount;
            var next = ThreadFloor.Next(floor, lowest, running, waited, endedNow - ended, time.GetElapsedTime(calmSince));
            ended = endedNow;
            if (next != floor)
            {
                Set(floor == lowest, next, running);
                (floor, calmSince) = (next, next < floor ? time.GetTimestamp() : calmSince);
            }
        }

        Set(false, lowest, 0);
    }

    /// <summary>Sends a probe unless one is on its way; says how long that one waits.</summary>
    private TimeSpan Probe()
    {
        if (Interlocked.Exchange(ref _isProbing, 1) == 1)
        {
            return time.GetElapsedTime(_probedAt);
        }

        _probedAt = time.GetTimestamp();
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return TimeSpan.Zero;
    }

    private void Set(bool isFirst, int floor, int running)
    {
        ThreadPool.GetMinThreads(out _, out var completionPorts);
        ThreadPool.SetMinThreads(floor, completionPorts);
        if (isFirst)
        {
            logger.PoolStalled(running);
        }
    }
}
