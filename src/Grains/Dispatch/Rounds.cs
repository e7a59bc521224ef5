namespace Krewe.Dispatch;

/// <summary>Rounds of work beside whoever asks for them, one at a time. What is asked for while one is under way is done by one more behind it: that one may have passed by already.</summary>
/// <param name="round">One round; does not throw.</param>
internal sealed class Rounds(Func<Task> round)
{
    private readonly Lock _lock = new();
    private Task _running = Task.CompletedTask;
    private bool _isRunning;
    private bool _isAskedFor;

    /// <summary>The end of the rounds that were asked for so far.</summary>
    public Task Ended
    {
        get
        {
            lock (_lock)
            {
                return _running;
            }
        }
    }

    /// <summary>Asks for a round that begins from now on.</summary>
    public void Ask()
    {
        lock (_lock)
        {
            if (_isRunning)
            {
                _isAskedFor = true;
                return;
            }

            _isRunning = true;
            _running = Task.Run(RunAsync);
        }
    }

    private async Task RunAsync()
    {
        do
        {
            await round();
        }
        while (IsOneMore());
    }

    private bool IsOneMore()
    {
        lock (_lock)
        {
            _isRunning = _isAskedFor;
            _isAskedFor = false;
            return _isRunning;
        }
    }
}
