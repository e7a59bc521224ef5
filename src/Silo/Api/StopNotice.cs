namespace Krewe.Api;

/// <summary>Ends the waits of HTTP callers when the silo has drained: what their jobs became during the drain they still hear, and no wait keeps the web server from closing.</summary>
/// <remarks>
/// A host asks its services in reverse order of their registration what is to be done before it stops (<see cref="StoppingAsync"/>), and awaits each. This one is registered
/// before the engine, so it is asked after the drain and before the web server closes.
/// </remarks>
internal sealed class StopNotice : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Fires when waits are to end.</summary>
    public CancellationToken Token => _stopping.Token;

    public Task StoppingAsync(CancellationToken cancellationToken) => _stopping.CancelAsync();

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();
}
