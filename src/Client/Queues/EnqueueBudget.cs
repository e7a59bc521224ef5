namespace Krewe.Queues;

/// <summary>Bounds what this process keeps of jobs that wait to be sent. One per client, thread-safe.</summary>
/// <remarks>Who awaits each enqueue never comes near it. It is for callers that hand over more than the cluster takes, and go on handing over while it is away.</remarks>
/// <param name="maxBytes">Bytes of jobs and their envelopes.</param>
internal sealed class EnqueueBudget(long maxBytes = EnqueueBudget.DefaultMaxBytes)
{
    internal const long DefaultMaxBytes = 256 * 1024 * 1024;

    private long _bytes;

    internal long MaxBytes => maxBytes;

    /// <summary>Takes bytes; false: there are not so many left. A job is let in where nothing else waits, whatever its size.</summary>
    internal bool TryTake(long bytes)
    {
        var taken = Interlocked.Add(ref _bytes, bytes);
        if (taken <= maxBytes || taken == bytes)
        {
            return true;
        }

        Interlocked.Add(ref _bytes, -bytes);
        return false;
    }

    internal void Give(long bytes) => Interlocked.Add(ref _bytes, -bytes);
}
