using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Krewe.Queues;

namespace Krewe.Inspection;

/// <summary>Subscribes to the events of every silo, also of those that come later.</summary>
internal sealed class EventWatcher(IGrainFactory grains, QueueDirectory queues, TimeProvider time)
{
    internal static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(5);

    /// <summary>Refreshes between two renewals of a subscription, which lasts 30 seconds at the silo.</summary>
    private const int RefreshesPerRenewal = 2;

    private const int MaxBuffered = 10_000;

    internal async IAsyncEnumerable<JobEvent> WatchAsync(JobEventFilter? filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A reader that is slower than the cluster loses the oldest events, not the cluster its memory.
        var channel = Channel.CreateBounded<JobEvent>(new BoundedChannelOptions(MaxBuffered) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        var observer = new Observer(channel.Writer, filter);
        var reference = grains.CreateObjectReference<IJobEventObserver>(observer);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var silos = new HashSet<string>(StringComparer.Ordinal);
        var subscription = SubscribeAsync(reference, filter, silos, channel.Writer, stop.Token);
        try
        {
            await foreach (var jobEvent in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return jobEvent;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await subscription.ConfigureAwait(false);
            await Task.WhenAll(silos.Select(silo => TellAsync(() => Hub(silo).UnwatchAsync(reference)))).ConfigureAwait(false);
            grains.DeleteObjectReference<IJobEventObserver>(reference);

            // Orleans holds observers weakly.
            GC.KeepAlive(observer);
        }
    }

    private async Task SubscribeAsync(IJobEventObserver reference, JobEventFilter? filter, HashSet<string> silos, ChannelWriter<JobEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(RefreshInterval, time);
            for (var round = 0; ; round++)
            {
                var active = await ActiveSilosAsync(silos, cancellationToken).ConfigureAwait(false);
                var due = active.Where(silo => round % RefreshesPerRenewal == 0 || !silos.Contains(silo)).ToList();
                var isWatched = await Task.WhenAll(due.Select(silo => TellAsync(() => Hub(silo).WatchAsync(reference, filter)))).ConfigureAwait(false);
                silos.IntersectWith(active);
                silos.ExceptWith(due);
                silos.UnionWith(due.Where((_, index) => isWatched[index]));
                await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            events.TryComplete(exception);
        }
    }

    private async Task<IReadOnlyCollection<string>> ActiveSilosAsync(HashSet<string> known, CancellationToken cancellationToken)
    {
        try
        {
            return await queues.Catalogue.GetSilosAsync().WaitAsync(RetriedCall.AttemptTimeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException || RetriedCall.IsTransient(exception, cancellationToken))
        {
            return [.. known];
        }
    }

    /// <summary>False: the silo did not answer; the next round asks it again, if it is still there.</summary>
    private async Task<bool> TellAsync(Func<Task> call)
    {
        try
        {
            await call().WaitAsync(RefreshInterval, time).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is KreweException || RetriedCall.IsTransient(exception))
        {
            return false;
        }
    }

    private IEventHubGrain Hub(string silo) => RetriedCall.Connected(() => grains.GetGrain<IEventHubGrain>(silo));

    private sealed class Observer(ChannelWriter<JobEvent> buffer, JobEventFilter? filter) : IJobEventObserver
    {
        public Task OnAsync(JobEvent[] events)
        {
            foreach (var jobEvent in events.Where(jobEvent => filter?.Matches(jobEvent) ?? true))
            {
                buffer.TryWrite(jobEvent);
            }

            return Task.CompletedTask;
        }
    }
}
