namespace Krewe.Api;

/// <summary>What all requests together may keep in memory; beyond it they are refused with 503 and <c>Retry-After</c>. One per process, thread-safe.</summary>
internal sealed class HttpBounds
{
    /// <summary>Bytes of bodies that are being read or worked on: eight of the largest, some thousand of the usual ones.</summary>
    public const long MaxBodyBytes = 8L * RequestBody.MaxBytes;

    /// <summary>Requests that wait for a result. Each is a connection and a few kilobytes.</summary>
    public const int MaxWaits = 50_000;

    private long _bodyBytes;
    private int _waits;

    /// <summary>Begins to wait for a result.</summary>
    /// <returns>Dispose of it when the wait has ended.</returns>
    /// <exception cref="RequestRefusedException">Too many wait.</exception>
    public IDisposable EnterWait()
    {
        if (Interlocked.Increment(ref _waits) > MaxWaits)
        {
            Interlocked.Decrement(ref _waits);
            throw RequestRefusedException.Busy($"{MaxWaits} requests wait for results here, as many as may; ask another silo, or again later.");
        }

        return new Lease(() => Interlocked.Decrement(ref _waits));
    }

    /// <summary>Begins to read a body.</summary>
    /// <returns>Tell it of every byte; dispose of it when the body is needed no longer.</returns>
    public BodyLease NewBody() => new(this);

    /// <summary>What one body keeps.</summary>
    internal sealed class BodyLease(HttpBounds bounds) : IDisposable
    {
        private long _bytes;

        /// <summary>The body has so many bytes more; false: that is too much for now.</summary>
        public bool TryGrow(long bytes)
        {
            _bytes += bytes;
            return Interlocked.Add(ref bounds._bodyBytes, bytes) <= MaxBodyBytes;
        }

        public void Dispose() => Interlocked.Add(ref bounds._bodyBytes, -Interlocked.Exchange(ref _bytes, 0));
    }

    private sealed class Lease(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
    }
}
