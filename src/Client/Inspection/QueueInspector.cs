using Krewe.Definitions;
using Krewe.Queues;

namespace Krewe.Inspection;

/// <summary>Asks partitions and puts their answers together.</summary>
internal sealed class QueueInspector(QueueDirectory queues, TimeProvider time) : IQueueInspector
{
    private const int MaxLimit = 500;
    private const int MaxConcurrentCalls = 32;

    /// <summary>Partitions asked for one page; a page that ends here is short and has a cursor.</summary>
    private const int MaxCallsPerPage = 64;

    public async Task<IReadOnlyList<QueueInfo>> ListAsync(CancellationToken cancellationToken = default)
    {
        var known = await queues.ListAsync(cancellationToken).ConfigureAwait(false);
        using var calls = new SemaphoreSlim(MaxConcurrentCalls);
        var infos = await Task.WhenAll(known.SelectMany(queue => queue.Partitions).Select(async route =>
        {
            await calls.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await RetriedCall.ForRead(time).RunAsync(static grain => grain.GetQueueInfoAsync(), route.Grain, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                calls.Release();
            }
        })).ConfigureAwait(false);

        var next = 0;
        return [.. known.Select(queue => Merge(queue.Name, infos.AsSpan((next += queue.Partitions.Count) - queue.Partitions.Count, queue.Partitions.Count).ToArray()))];
    }

    public async Task<JobPage> ListJobsAsync(JobQuery? query = null, CancellationToken cancellationToken = default)
    {
        query ??= new JobQuery();
        Check(query);
        var cursor = query.After is { } after ? ListCursor.Parse(after, query.Queue) : default(ListCursor?);
        var known = await queues.ListAsync(cancellationToken).ConfigureAwait(false);
        var routes = known.Where(queue => query.Queue is null || query.Queue == queue.Name).SelectMany(queue => queue.Partitions)
            .SkipWhile(route => cursor is { } from && IsBefore(route.Key, from)).ToList();

        var jobs = new List<JobInfo>();
        for (var (at, calls) = (0, 0); at < routes.Count; calls++)
        {
            var key = routes[at].Key;
            var resume = cursor is { } from && (from.Queue, from.Partition) == (key.Queue, key.Partition) ? from.After : null;
            if (jobs.Count == query.Limit || calls == MaxCallsPerPage)
            {
                return new JobPage(jobs, new ListCursor(key.Queue, key.Partition, resume).Format());
            }

            var asked = query with { After = resume, Queue = key.Queue, Limit = query.Limit - jobs.Count };
            var page = await RetriedCall.ForRead(time).RunAsync(routes[at].Grain.ListAsync, asked, cancellationToken).ConfigureAwait(false);
            jobs.AddRange(page.Jobs);
            cursor = page.Next is { } next ? new(key.Queue, key.Partition, next) : null;
            at += page.Next is null ? 1 : 0;
        }

        return new JobPage(jobs, null);
    }

    private static void Check(JobQuery query)
    {
        var violations = new Violations("");
        violations.Range("Limit", query.Limit, 1, MaxLimit, "read further pages with After.");
        violations.Enum("State", query.State);
        violations.AddRange(query.Queue is null ? [] : OptionChecks.OfName("", "Queue", query.Queue));
        violations.AddRange(query.Name is null ? [] : OptionChecks.OfName("", "Name", query.Name));
        if (violations.Sentences.Count > 0)
        {
            throw new InvalidJobException(string.Join(' ', violations.Sentences));
        }
    }

    private static bool IsBefore(PartitionKey key, ListCursor cursor)
    {
        var order = string.CompareOrdinal(key.Queue, cursor.Queue);
        return order < 0 || (order == 0 && key.Partition < cursor.Partition);
    }

    private static QueueInfo Merge(string name, QueueInfo[] parts) => new()
    {
        Name = name,
        Partitions = parts.Length,
        Queued = parts.Sum(part => part.Queued),
        Scheduled = parts.Sum(part => part.Scheduled),
        Running = parts.Sum(part => part.Running),
        Parked = parts.Sum(part => part.Parked),
        Dead = parts.Sum(part => part.Dead),
        OldestAge = parts.Max(part => part.OldestAge),
        EnqueuedPerSecond = parts.Sum(part => part.EnqueuedPerSecond),
        FinishedPerSecond = parts.Sum(part => part.FinishedPerSecond),
        ParkedNames = parts.SelectMany(part => part.ParkedNames).GroupBy(parked => parked.Key).ToDictionary(group => group.Key, group => group.Sum(parked => parked.Value)),
    };
}
