namespace Krewe.Load.Jobs;

/// <summary>A number that a counter is to reach.</summary>
internal sealed class Goal(long target)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task Reached => _reached.Task;

    internal void Tell(long count)
    {
        if (count >= target)
        {
            _reached.TrySetResult();
        }
    }
}
