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

    /// <summary>So long after it was sent the first call may still answer, when the second one has failed by the store: an owner answers within 5 seconds.</summary>
    private static readonly TimeSpan FirstAnswers = TimeSpan.FromSeconds(4.9);

    /// <summary>Whether a call other than the one that answered, or failed, was sent.</summary>
    internal bool WasRepeated { get; private set; }

    /// <exception cref="TimeoutException">No answer within the limit.</exception>
    internal async Task<TResult> AskAsync<TState, TResult>(Func<TState, Task<TResult>> call, TState state, TimeSpan limit, CancellationToken cancellationToken = default)
    {
        var sent = time.GetTimestamp();
        var first = call(state);
        if (limit <= Silence)
        {
            return await first.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }

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

            WasRepeated = true;
        }

        first.Ignore();
        var second = call(state);
        second.Ignore();
        var answered = await Task.WhenAny(first, second).WaitAsync(limit - Silence, time, cancellationToken).ConfigureAwait(false);
        if (answered == second && second.Exception?.InnerException is StoreUnavailableException)
        {
            var rest = FirstAnswers - time.GetElapsedTime(sent);
            await Task.WhenAny(first, Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, time, cancellationToken)).ConfigureAwait(false);
            answered = first.IsCompletedSuccessfully ? first : second;
        }

        var answer = await answered.ConfigureAwait(false);
        WasRepeated = answered != first;
        return answer;
    }
}
