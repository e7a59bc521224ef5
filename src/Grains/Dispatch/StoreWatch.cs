using Krewe.Hosting;
using Krewe.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Krewe.Dispatch;

/// <summary>Notices that the store is lost to this silo but not to its peers, and makes it leave. One per silo.</summary>
/// <remarks>
/// <para>Such a silo owns partitions that it cannot serve and holds slots that it cannot fill, while others could. It stops claiming (so it is not ready), its owners
/// move to silos that stay, and those record the outcomes of the handlers that still run here. Then it stops as for a signal.</para>
/// <para>The store is asked by a ping every <see cref="AskInterval"/>; only who gets no answer asks peers. A store that is exclusive to this process is not watched.</para>
/// </remarks>
internal sealed class StoreWatch(
    IJobStore store, Worker worker, IWorkerServices workers, OwnerMoves moves, LeavingSilos leaving, SiloIdentity silo, IHostApplicationLifetime host, IOptions<KreweOptions> options, TimeProvider time,
    ILogger<StoreWatch> logger) : IDisposable
{
    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    /// <summary>Watches until <see cref="StopAsync"/>.</summary>
    public void Start() => _loop = store.IsExclusive ? Task.CompletedTask : Task.Run(WatchAsync);

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _loop;
    }

    public void Dispose() => _stop.Dispose();

    /// <summary>Whether the store answers this silo now.</summary>
    public async Task<bool> ReachesAsync(CancellationToken cancellationToken = default)
    {
        using var timeout = new CancellationTokenSource(AnswerTime, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await store.PingAsync(limit.Token).WaitAsync(limit.Token);
            return true;
        }
        catch (Exception)
        {
            return false; // Whatever it was, it is no answer.
        }
    }

    private async Task WatchAsync()
    {
        var answeredAt = time.GetTimestamp();
        var (isFailing, rounds) = (false, 0);
        while (await PausesAsync(isFailing ? TimeSpan.FromSeconds(1) : AskInterval))
        {
            if (await ReachesAsync(_stop.Token))
            {
                (answeredAt, isFailing, rounds) = (time.GetTimestamp(), false, 0);
                continue;
            }

            isFailing = true;
            var failing = time.GetElapsedTime(answeredAt);
            if (StoreVerdict.MustAsk(failing, options.Value.StorePatience))
            {
                rounds = StoreVerdict.After(rounds, await AskPeersAsync());
                if (_stop.IsCancellationRequested)
                {
                    return; // Nobody answered because nobody was waited for.
                }

                if (StoreVerdict.MustGiveUp(rounds))
                {
                    await GiveUpAsync(failing);
                    return;
                }

                if (rounds == 0)
                {
                    Log.StoreLostEverywhere(logger, failing);
                }
            }
        }
    }

    private async Task<bool[]> AskPeersAsync() => await Task.WhenAll(leaving.Staying(silo.SiloAddress).Select(async peer =>
    {
        try
        {
            return await workers.On(peer).ReachesStoreAsync().WaitAsync(AnswerTime + AnswerTime, time, _stop.Token);
        }
        catch (Exception)
        {
            return false; // Whatever it was, it is no success.
        }
    }));

    private async Task GiveUpAsync(TimeSpan failing)
    {
        Log.StoreLostHere(logger, failing, worker.RunningCount);
        worker.StopClaiming();
        await moves.AnnounceAsync();
        var moving = moves.MoveAllAsync(_stop.Token);
        var since = time.GetTimestamp();
        while (!StoreVerdict.MustLeave(worker.RunningCount, time.GetElapsedTime(since)))
        {
            if (!await PausesAsync(LookInterval))
            {
                break;
            }
        }

        Log.LeavingWithoutStore(logger, worker.RunningCount);
        host.StopApplication();
        await moving;
    }

    private async Task<bool> PausesAsync(TimeSpan span)
    {
        try
        {
            await Task.Delay(span, time, _stop.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
