using System.Net.Sockets;

namespace Krewe.Queues;

/// <summary>One call to a grain, repeated while the cluster moves it. Every call to a queue may be repeated with the same ids.</summary>
/// <param name="time">The clock.</param>
/// <param name="budget">How long to repeat.</param>
internal sealed class RetriedCall(TimeProvider time, TimeSpan budget)
{
    /// <summary>Longer than a cluster takes to declare a hung silo dead and to open its partitions elsewhere.</summary>
    internal static readonly TimeSpan WriteBudget = TimeSpan.FromSeconds(60);

    /// <summary>Longer than it takes to declare a silo dead and to find its grains elsewhere; a reader can ask again.</summary>
    internal static readonly TimeSpan ReadBudget = TimeSpan.FromSeconds(30);

    /// <summary>How long a store that answers with a failure is asked again; with the store's own time of 3.5 s for a call, the caller knows within 5 seconds.</summary>
    internal static readonly TimeSpan StoreBudget = TimeSpan.FromSeconds(1);

    /// <summary>From when it was first asked, a store that has failed once has this long for all repetitions: one that fails and then hangs must not cost the time of two calls.</summary>
    internal static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(4.9);

    /// <summary>No store takes so long to fail. Who has waited longer stood still, or the owner did, as a machine does that is moved: such a failure tells nothing of the store, and is forgiven once.</summary>
    internal static readonly TimeSpan StandstillTime = TimeSpan.FromSeconds(6);

    /// <summary>The owner answers within 5 seconds. A client's call to a silo that died would hang for 30.</summary>
    internal static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    internal static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    internal static readonly TimeSpan LastDelay = TimeSpan.FromSeconds(1);

    /// <summary>Whether a try that failed may have reached the grain all the same.</summary>
    internal bool MayHaveArrived { get; private set; }

    /// <exception cref="StoreUnavailableException">The store did not answer, or no silo within the budget.</exception>
    /// <remarks>A cancellation that is not the caller's is Orleans': it gave up to find the grain while the directory moved off a silo that died.</remarks>
    internal async Task<TResult> RunAsync<TState, TResult>(Func<TState, Task<TResult>> call, TState state, CancellationToken cancellationToken = default)
    {
        var started = time.GetTimestamp();
        var storeSince = started;
        var stoodStill = false;
        StoreUnavailableException? failed = null;
        for (var delay = FirstDelay; ; delay = Next(delay))
        {
            try
            {
                var limit = failed is null ? AttemptTimeout : TimeSpan.FromTicks(Math.Max(0, (StoreTimeout - time.GetElapsedTime(storeSince)).Ticks));
                return await call(state).WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
            }
            catch (StoreUnavailableException exception) when (exception.IsOfTheOwner && time.GetElapsedTime(started) < budget)
            {
                (failed, storeSince) = (null, time.GetTimestamp());
                MayHaveArrived = true;
            }
            catch (StoreUnavailableException exception) when (time.GetElapsedTime(storeSince) < StoreBudget)
            {
                failed = exception;
                MayHaveArrived = true;
            }
            catch (StoreUnavailableException exception) when (!stoodStill && time.GetElapsedTime(storeSince) >= StandstillTime)
            {
                (failed, stoodStill, storeSince) = (exception, true, time.GetTimestamp());
                MayHaveArrived = true;
            }
            catch (StoreUnavailableException)
            {
                MayHaveArrived = true;
                throw;
            }
            catch (TimeoutException) when (failed is not null)
            {
                throw failed;
            }
            catch (Exception exception) when (IsTransient(exception, cancellationToken))
            {
                failed = null;
                MayHaveArrived |= exception is SiloUnavailableException or not OrleansMessageRejectionException; // The silo of a call that was delivered may be gone.
                storeSince = time.GetTimestamp();
                if (time.GetElapsedTime(started) >= budget)
                {
                    throw new StoreUnavailableException($"No silo answered within {budget.TotalSeconds:0} seconds; check that silos run and are reachable.", exception);
                }
            }

            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A reference to a grain; where Orleans is not connected yet, the failure is one that is retried.</summary>
    /// <exception cref="SiloUnavailableException">No silo is known that has such grains.</exception>
    internal static TGrain Connected<TGrain>(Func<TGrain> get)
    {
        try
        {
            return get();
        }
        catch (ArgumentException exception)
        {
            throw new SiloUnavailableException("no silo with Krewe is connected yet", exception);
        }
    }

    internal static TimeSpan Next(TimeSpan delay) => delay * 2 < LastDelay ? delay * 2 : LastDelay;

    /// <summary>Whether the same call may succeed a moment later: its grain moves, its silo left, its connection broke, or Orleans gave up to find it while the directory moves.</summary>
    internal static bool IsTransient(Exception exception, CancellationToken cancellationToken = default) => exception switch
    {
        ObjectDisposedException or OrleansConfigurationException => false,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        OrleansException or TimeoutException or InvalidOperationException or IOException or SocketException => true,
        _ => false,
    };
}
