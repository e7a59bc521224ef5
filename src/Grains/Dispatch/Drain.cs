using Krewe.Queues;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Krewe.Dispatch;

/// <summary>Begins and ends this silo's work with the silo's own life.</summary>
/// <remarks>
/// <para>At the stop, before Orleans begins to deactivate anything: claim nothing more; move the partitions' owners to silos that stay (<see cref="OwnerMoves"/>);
/// let running handlers end within <c>Drain</c>; fire the tokens of those that have not, and give them 5 s of grace; wait until every outcome has been recorded.
/// What ends by its token is handed back unspent. What still runs then keeps its claim, uncharged, until this silo's own death voids it: a job is handed on only
/// when its handler has ended.</para>
/// <para>The host asks for it first, before it stops any hosted service (<see cref="StoppingAsync"/>): a web server of the same process answers until the drain has
/// ended, and what feeds handlers is still there. Where a silo stops without its host, its own lifecycle asks. Whoever asks second awaits the first.</para>
/// </remarks>
internal sealed class Drain(
    Worker worker, Upkeep upkeep, StoreWatch storeWatch, MembershipWatch membershipWatch, HeldClaims held, OwnerMoves moves, IGrainFactory grains, IOptions<KreweOptions> options, TimeProvider time, ILogger<Drain> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IHostedLifecycleService
{
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>A call that fails takes the store's whole time, nearly 5 s; what ended is to be recorded by the next one, else it runs again.</summary>
    private static readonly TimeSpan RecordingTime = TimeSpan.FromSeconds(10);

    /// <summary>For what may fail: to tell owners, to end moves.</summary>
    private static readonly TimeSpan CourtesyTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private Task? _drained;
    private volatile bool _isStarted;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(Drain), ServiceLifecycleStage.Active + 1, BeginAsync, DrainOnceAsync);

    public Task StoppingAsync(CancellationToken cancellationToken) => _isStarted ? DrainOnceAsync(cancellationToken) : Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        _isStarted = true;
        await upkeep.StartAsync();
        storeWatch.Start();
        membershipWatch.Start();
    }

    private Task DrainOnceAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _drained ??= DrainAsync(cancellationToken);
        }
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        worker.StopClaiming();
        var drain = options.Value.Drain;
        Log.DrainStarted(logger, worker.RunningCount, drain);
        await storeWatch.StopAsync();
        await moves.AnnounceAsync();
        using var stopMoving = new CancellationTokenSource();
        var moving = moves.MoveAllAsync(stopMoving.Token);
        try
        {
            await EndHandlersAsync(drain, cancellationToken);
            await LeaveAsync();
            await EndsWithinAsync(CourtesyTime, () => moves.Count == 0 || !moves.CanMove, cancellationToken);
        }
        finally
        {
            await stopMoving.CancelAsync();
            await moving;
            await upkeep.StopAsync();
            await membershipWatch.StopAsync();
            Log.DrainEnded(logger, worker.RunningCount);
        }
    }

    private async Task EndHandlersAsync(TimeSpan drain, CancellationToken cancellationToken)
    {
        foreach (var claim in held.All.Where(claim => claim.Stage == ClaimStage.Handed))
        {
            worker.Return(claim);
        }

        if (!await EndsWithinAsync(drain, HasEnded, cancellationToken))
        {
            foreach (var claim in held.All)
            {
                claim.Control.Cancel(CancellationReason.Draining);
            }

            await EndsWithinAsync(Grace, HasEnded, cancellationToken);
        }

        await EndsWithinAsync(RecordingTime, () => held.All.All(claim => claim.Stage == ClaimStage.Running), cancellationToken);
    }

    private bool HasEnded() => worker.RunningCount == 0;

    /// <summary>Tells the owners of handlers that still run that this silo leaves; best effort, a claim whose owner is not told is merely charged.</summary>
    private Task LeaveAsync() => Task.WhenAll(held.All.Where(claim => claim.Stage == ClaimStage.Running).GroupBy(claim => claim.Job.Partition).Select(async claims =>
    {
        try
        {
            using var limit = new CancellationTokenSource(CourtesyTime, time);
            await new RetriedCall(time, CourtesyTime).RunAsync(
                async owner =>
                {
                    await owner.LeaveAsync([.. claims.Select(claim => claim.Job.Record.Id)], [.. claims.Select(claim => claim.Job.Token)]);
                    return true;
                },
                grains.GetGrain<IDispatchGrain>(claims.Key.ToString()),
                limit.Token);
        }
        catch (Exception exception)
        {
            Log.OutcomesWait(logger, claims.Count(), claims.Key, exception.Message); // Whatever it was, the silo goes on to leave.
        }
    }));

    private async Task<bool> EndsWithinAsync(TimeSpan span, Func<bool> hasEnded, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (!hasEnded())
        {
            if (time.GetElapsedTime(started) >= span || cancellationToken.IsCancellationRequested)
            {
                return false;
            }

            await Task.Delay(LookInterval, time, CancellationToken.None);
        }

        return true;
    }
}
