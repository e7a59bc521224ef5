using System.Net.Sockets;

namespace Krewe.Queues;

/// <summary>One call to a grain, repeated while the cluster moves it. Every call to a queue may be repeated with the same ids.</summary>
/// <remarks>
/// What a failure means, and how long the call is repeated for it:
/// <list type="bullet">
/// <item>The silo is away, or does not answer within <see cref="AttemptTimeout"/>, asked twice (<see cref="AskedTwice"/>); or the partition's owner has changed. The next one will answer: the whole budget.</item>
/// <item>The store fails: <see cref="StoreBudget"/>. A failed one that then hangs is not waited for beyond <see cref="StoreTimeout"/>.</item>
/// <item>The store failed after <see cref="StandstillTime"/>: forgiven once, with a store's times from there.</item>
/// </list>
/// </remarks>
/// <param name="time">The clock.</param>
/// <param name="budget">How long to repeat.</param>
/// <param name="isHeld">Whether the grain holds the call until there is news: then silence tells nothing.</param>
internal sealed class RetriedCall(TimeProvider time, TimeSpan budget, bool isHeld = false)
{
    /// <summary>Longer than a cluster takes to declare a hung silo dead and to open its partitions elsewhere.</summary>
    internal static readonly TimeSpan WriteBudget = TimeSpan.FromSeconds(60);

    /// <summary>Longer than it takes to declare a silo dead and to find its grains elsewhere; a reader can ask again.</summary>
    internal static readonly TimeSpan ReadBudget = TimeSpan.FromSeconds(30);

    /// <summary>How long a store that answers with a failure is asked again; with the store's own time of 3.5 s for a call, the caller knows within 5 seconds.</summary>
    internal static readonly TimeSpan StoreBudget = TimeSpan.FromSeconds(1);

    /// <summary>From when it was first asked, a store that has failed once has this long for all repetitions: one that fails and then hangs must not cost the time of two calls.</summary>
    internal static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(4.9);

    /// <summary>A call to the store fails sooner. As a rule somebody stood still, as a machine does that is moved: such a failure tells nothing of the store.</summary>
    internal static readonly TimeSpan StandstillTime = TimeSpan.FromSeconds(6);

    /// <summary>The owner answers within 5 seconds. A client's call to a silo that died would hang for 30.</summary>
    internal static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    internal static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    internal static readonly TimeSpan LastDelay = TimeSpan.FromSeconds(1);

    private long _started;

    /// <summary>When the store was asked for the first time since it was last known to be well.</summary>
    private long _storeSince;

    /// <summary>What the store has failed with since then.</summary>
    private StoreUnavailableException? _failed;

    private bool _isForgiven;

    /// <summary>Whether a try that failed may have reached the grain all the same.</summary>
    internal bool MayHaveArrived { get; private set; }

    /// <summary>A call that changes something.</summary>
    internal static RetriedCall ForWrite(TimeProvider time) => new(time, WriteBudget);

    /// <summary>A call that reads.</summary>
    internal static RetriedCall ForRead(TimeProvider time) => new(time, ReadBudget);

    /// <summary>Asks until somebody answers, each time with a budget of its own: for those who are not to be told of an outage.</summary>
    internal static async Task<T> InsistAsync<T>(Func<Task<T>> ask, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ask().ConfigureAwait(false);
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(LastDelay, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <exception cref="StoreUnavailableException">The store did not answer, or no silo within the budget.</exception>
    /// <remarks>A cancellation that is not the caller's is Orleans': it gave up to find the grain while the directory moved off a silo that died.</remarks>
    internal async Task<TResult> RunAsync<TState, TResult>(Func<TState, Task<TResult>> call, TState state, CancellationToken cancellationToken = default)
    {
        _started = _storeSince = time.GetTimestamp();
        for (var delay = FirstDelay; ; delay = Next(delay))
        {
            var asked = new AskedTwice(time);
            try
            {
                if (isHeld || _failed is not null)
                {
                    var limit = _failed is null ? AttemptTimeout : TimeSpan.FromTicks(Math.Max(0, (StoreTimeout - time.GetElapsedTime(_storeSince)).Ticks));
                    return await call(state).WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
                }

                return await asked.AskAsync(call, state, cancellationToken).ConfigureAwait(false);
            }
            catch (StoreUnavailableException exception)
            {
                MayHaveArrived = true;
                if (!IsRepeated(exception))
                {
                    throw;
                }
            }
            catch (TimeoutException) when (_failed is not null)
            {
                throw _failed;
            }
            catch (Exception exception) when (IsTransient(exception, cancellationToken))
            {
                MayHaveArrived |= WasDelivered(exception);
                GiveTime(null);
                if (time.GetElapsedTime(_started) >= budget)
                {
                    throw new StoreUnavailableException($"No silo answered within {budget.TotalSeconds:0} seconds; check that silos run and are reachable.", exception);
                }
            }
            finally
            {
                MayHaveArrived |= asked.WasRepeated;
            }

            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A reference to a grain; where Orleans is not connected yet, the failure is one that is retried.</summary>
    /// <exception cref="OrleansException">No silo is known that has such grains.</exception>
    internal static TGrain Connected<TGrain>(Func<TGrain> get)
    {
        try
        {
            return get();
        }
        catch (ArgumentException exception)
        {
            throw new NotConnectedException(exception);
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

    /// <summary>Whether a call that failed so may have been carried out. One that was rejected was not, but for one to a silo that died: it may have had it.</summary>
    private static bool WasDelivered(Exception exception) => exception switch
    {
        NotConnectedException => false,
        SiloUnavailableException => true,
        _ => exception is not OrleansMessageRejectionException,
    };

    private bool IsRepeated(StoreUnavailableException exception)
    {
        var elapsed = time.GetElapsedTime(_storeSince);
        if (exception.IsOfTheOwner && time.GetElapsedTime(_started) < budget)
        {
            GiveTime(null);
            return true;
        }

        if (elapsed >= StandstillTime && !_isForgiven)
        {
            _isForgiven = true;
            GiveTime(exception);
            return true;
        }

        _failed = exception;
        return elapsed < StoreBudget;
    }

    /// <summary>Gives the store all its time once more.</summary>
    private void GiveTime(StoreUnavailableException? failed) => (_failed, _storeSince) = (failed, time.GetTimestamp());

    /// <summary>Nothing was sent.</summary>
    private sealed class NotConnectedException(Exception innerException) : OrleansException("no silo with Krewe is connected yet", innerException);
}
