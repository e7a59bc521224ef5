namespace Krewe.Diagnostics;

/// <summary>What happens to jobs on this silo, told to whoever subscribed. Costs a read of a field while nobody did.</summary>
/// <remarks>Subscribers are called on the thread where it happens: they must not block or throw.</remarks>
internal sealed class JobEvents
{
    private volatile Action<JobEvent>[] _subscribers = [];

    /// <summary>Whether anybody listens; ask before building an event.</summary>
    public bool IsWatched => _subscribers.Length > 0;

    public void Publish(JobEvent jobEvent)
    {
        foreach (var subscriber in _subscribers)
        {
            subscriber(jobEvent);
        }
    }

    /// <summary>Subscribes until the answer is disposed.</summary>
    public IDisposable Subscribe(Action<JobEvent> subscriber)
    {
        lock (this)
        {
            _subscribers = [.. _subscribers, subscriber];
        }

        return new Subscription(this, subscriber);
    }

    private sealed class Subscription(JobEvents events, Action<JobEvent> subscriber) : IDisposable
    {
        public void Dispose()
        {
            lock (events)
            {
                events._subscribers = [.. events._subscribers.Where(other => other != subscriber)];
            }
        }
    }
}
