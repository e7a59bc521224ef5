namespace Krewe.Queues;

/// <summary>A call to a grain that is made once more, beside the first, when nobody has answered for a while. Whichever answers first counts.</summary>
/// <remarks>
/// Orleans tells a client outside the cluster nothing of a call that was on its way to a silo when that left or died: the client would wait out the call's whole time, and with it all that travels behind.
/// The second call finds the grain where it is now. Both may be carried out, as with any call that is repeated; where everything is slow, this doubles the calls at most.
/// </remarks>
internal sealed class AskedTwice(TimeProvider time)
{
    /// <summary>Much longer than an answer takes as a rule; so much does a silo that leaves delay at most those whose calls it takes with it.</summary>
    internal static readonly TimeSpan Silence = TimeSpan.FromSeconds(1.5);

    /// <summary>Whether the call may have been carried out beside the one whose answer counts.</summary>
    internal bool WasRepeated { get; private set; }

    /// <exception cref="TimeoutException">No answer within <see cref="RetriedCall.AttemptTimeout"/>.</exception>
    internal async Task<TResult> AskAsync<TState, TResult>(Func<TState, Task<TResult>> call, TState state, CancellationToken cancellationToken = default)
    {
        var first = call(state);
        try
        {
            return await first.WaitAsync(Silence, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            if (first.IsCompleted)
            {
                return await first.ConfigureAwait(false); // The call's own, or it came at that moment.
            }
        }

        WasRepeated = true;
        first.Ignore();
        var second = call(state);
        second.Ignore();
        var storeTime = Task.Delay(RetriedCall.StoreTimeout - Silence, time, cancellationToken);
        var answered = await Task.WhenAny(first, second).WaitAsync(RetriedCall.AttemptTimeout - Silence, time, cancellationToken).ConfigureAwait(false);
        if (answered == second && second.Exception?.InnerException is StoreUnavailableException)
        {
            await Task.WhenAny(first, storeTime).ConfigureAwait(false); // What fails a copy need not fail the first one.
            answered = first.IsCompletedSuccessfully ? first : second;
        }

        var answer = await answered.ConfigureAwait(false);
        WasRepeated = answered == second;
        return answer;
    }
}
