using Krewe.Execution;
using Krewe.Queues;
using Microsoft.Extensions.Logging;

namespace Krewe.Dispatch;

/// <summary>Sends outcomes to their partition's owner until each has been answered. What piles up during one call travels in the next.</summary>
/// <remarks>
/// An outcome is never given up while the process lives: the owner may move, the store may be away for an hour. Told twice it is recorded once, by its token.
/// When the process dies first, the claim is void and the job runs again, which is what at least once means.
/// </remarks>
internal sealed class OutcomeOutbox(PartitionKey partition, IDispatchGrain owner, TimeProvider time, ILogger logger, Action<AttemptOutcome> answered)
{
    private const int MaxOutcomes = 256;
    private const int MaxBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Queue<AttemptOutcome> _waiting = new();
    private bool _isSending;

    /// <summary>Hands an outcome over; returns at once.</summary>
    public void Post(AttemptOutcome outcome)
    {
        lock (_lock)
        {
            _waiting.Enqueue(outcome);
            if (_isSending)
            {
                return;
            }

            _isSending = true;
        }

        _ = Task.Run(SendAllAsync);
    }

    private async Task SendAllAsync()
    {
        while (Take() is { Length: > 0 } batch)
        {
            await SendAsync(batch);
            foreach (var outcome in batch)
            {
                answered(outcome);
            }
        }
    }

    private AttemptOutcome[] Take()
    {
        lock (_lock)
        {
            var batch = new List<AttemptOutcome>(Math.Min(_waiting.Count, MaxOutcomes));
            var bytes = 0;
            while (batch.Count < MaxOutcomes && bytes < MaxBytes && _waiting.TryDequeue(out var outcome))
            {
                batch.Add(outcome);
                bytes += outcome.Result?.Length ?? 0;
            }

            _isSending = batch.Count > 0;
            return [.. batch];
        }
    }

    private async Task SendAsync(AttemptOutcome[] batch)
    {
        var pause = FirstPause;
        while (true)
        {
            try
            {
                await owner.FinishAsync(batch);
                return;
            }
            catch (Exception exception)
            {
                // Whatever it was, the outcomes still have to be told: this is the one loop that must not end.
                Log.OutcomesWait(logger, batch.Length, partition, exception.Message);
            }

            await Task.Delay(pause, time);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }
}
