using System.Threading.Channels;

namespace Krewe.Testing.Jobs;

/// <summary>Holds handlers until a test lets them go on, and tells the test that one has come.</summary>
public sealed class Gate
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<bool> _comers = Channel.CreateUnbounded<bool>();
    private int _arrived;

    /// <summary>Handlers that have come so far.</summary>
    public int ArrivedCount => Volatile.Read(ref _arrived);

    /// <summary>For handlers: says that one has come, and waits until the gate is open or the token fires.</summary>
    public Task PassAsync(CancellationToken cancellationToken = default)
    {
        Arrive();
        return _open.Task.WaitAsync(cancellationToken);
    }

    /// <summary>For handlers: says that one has come, and goes on.</summary>
    public void Arrive()
    {
        Interlocked.Increment(ref _arrived);
        _comers.Writer.TryWrite(true);
    }

    /// <summary>For tests: waits until one more handler has come.</summary>
    public async Task ArrivedAsync(int handlers = 1)
    {
        using var timeout = new CancellationTokenSource(Some.Timeout);
        for (var i = 0; i < handlers; i++)
        {
            try
            {
                await _comers.Reader.ReadAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Expected {handlers} handlers at the gate within {Some.Timeout}, got {ArrivedCount} in all.");
            }
        }
    }

    /// <summary>Lets everybody through from now on.</summary>
    public void Open() => _open.TrySetResult();
}
