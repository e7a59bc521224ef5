using System.Globalization;
using Krewe.Jobs;
using Krewe.Storage;

namespace Krewe.Queues;

/// <summary>Answers questions about a partition: from the store, with what runs from memory.</summary>
internal sealed class PartitionReads(PartitionOwner owner, PartitionFlow flow, EndingBoard board)
{
    private static readonly JobPlace[] ListedPlaces = [JobPlace.Running, JobPlace.Ready, JobPlace.Due, JobPlace.Parked, JobPlace.Dead, JobPlace.Done];

    public async Task<JobInfo?> GetInfoAsync(string id)
    {
        var open = await owner.OpenAsync();
        var job = (await owner.Services.Store.FindAsync(owner.Key, [id]))[0];
        if (job is null && open.Running.TryGetValue(id, out var running))
        {
            // The store went back in time, and nobody has written since: what runs will be put back.
            job = new StoredJob(id, JobPlace.Running, running.Record, running.Claim, running.Record.Priority, running.Record.Position, 0);
        }

        return job is null ? null : Info(open, job);
    }

    public async Task<JobEnding?> GetEndingAsync(string id) => (await ReadEndingsAsync([id], int.MaxValue))[0];

    /// <inheritdoc cref="IQueueGrain.AwaitAsync"/>
    public async Task<JobEnding?[]> AwaitAsync(string[] ids, IJobObserver observer)
    {
        foreach (var id in ids)
        {
            board.Subscribe(id, observer); // Before the read: an end between the two is told.
        }

        var endings = await ReadEndingsAsync(ids, JobEnding.MaxPushedResultBytes);
        for (var i = 0; i < ids.Length; i++)
        {
            if (endings[i] is not null)
            {
                board.Unsubscribe(ids[i], observer);
            }
        }

        return endings;
    }

    /// <summary>Tells waiters of jobs that ended while nobody knew: after a commit whose outcome was unknown, or under an earlier owner.</summary>
    public async Task TellEndedAsync()
    {
        foreach (var ids in board.Ids.ToArray().Chunk(256)) // More may come between.
        {
            foreach (var job in await owner.Services.Store.FindAsync(owner.Key, ids))
            {
                if (job is { Record: { } record } && (job.Place & JobPlace.Final) != 0)
                {
                    board.Ended(owner.Key, record);
                }
            }
        }

        board.Tell();
    }

    public async Task<QueueInfo> GetQueueInfoAsync()
    {
        await owner.OpenAsync();
        var counts = await owner.Services.Store.CountAsync(owner.Key);
        var oldest = await OldestAsync(counts);
        return new QueueInfo
        {
            Name = owner.Key.Queue,
            Partitions = 1,
            Queued = counts.Ready,
            Scheduled = counts.Due,
            Running = counts.Running,
            Parked = counts.Parked.Where(ParkedNames.IsUnhandled).Sum(static parked => parked.Value),
            Dead = counts.Dead,
            ParkedNames = counts.Parked.Where(ParkedNames.IsUnhandled).ToDictionary(),
            OldestAge = oldest is { } at ? owner.Services.Now - at : null,
            EnqueuedPerSecond = flow.Enqueues.PerSecond(owner.Services.Now),
            FinishedPerSecond = flow.Finishes.PerSecond(owner.Services.Now),
        };
    }

    /// <summary>A page over the places, one after the other; the cursor is <c>place:cursor-of-the-place</c>.</summary>
    public async Task<JobPage> ListAsync(JobQuery query)
    {
        var open = await owner.OpenAsync();
        var places = query.State is { } state ? PlacesOf(state) : ListedPlaces;
        var (index, after) = ParseCursor(query.After, places);
        var jobs = new List<JobInfo>();
        while (index < places.Length && jobs.Count < query.Limit)
        {
            var page = await owner.Services.Store.ListAsync(owner.Key, places[index], after, query.Limit - jobs.Count);
            jobs.AddRange(page.Jobs.Select(job => Info(open, job))
                .Where(job => (query.State is null || job.State == query.State) && (query.Name is null || job.Name == query.Name)));
            (index, after) = page.Next is null ? (index + 1, null) : (index, page.Next);
            if (page.Next is not null)
            {
                break; // A filtered page may be short; the next call goes on from its cursor.
            }
        }

        return new JobPage(jobs, index < places.Length ? $"{(int)places[index]}:{after}" : null);
    }

    private JobInfo Info(OwnedPartition open, StoredJob job) =>
        JobViews.Info(owner.Key, job.Record is { } record ? job with { Record = owner.Services.Cleared.Of(record) } : job, open.Running.GetValueOrDefault(job.Id));

    private static JobPlace[] PlacesOf(JobState state) => state switch
    {
        JobState.Queued => [JobPlace.Ready, JobPlace.Parked],
        JobState.Scheduled or JobState.Retrying => [JobPlace.Due],
        JobState.Running => [JobPlace.Running],
        JobState.Failed => [JobPlace.Dead],
        JobState.Waiting => [JobPlace.Parked],
        _ => [JobPlace.Done],
    };

    private static (int Index, string? After) ParseCursor(string? cursor, JobPlace[] places)
    {
        if (cursor is null)
        {
            return (0, null);
        }

        var colon = cursor.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && int.TryParse(cursor.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var place) && Array.IndexOf(places, (JobPlace)place) is var index and >= 0
            ? (index, colon + 1 < cursor.Length ? cursor[(colon + 1)..] : null)
            : throw JobQuery.NotACursor();
    }

    private async Task<JobEnding?[]> ReadEndingsAsync(string[] ids, int maxResultBytes)
    {
        OwnedPartition open;
        StoredJob?[] found;
        do
        {
            open = await owner.OpenAsync();
            found = await owner.Services.Store.FindAsync(owner.Key, ids);
        }
        while (owner.Current != open); // What it knew to run may have been put back since.

        var now = owner.Services.Now;
        var endings = new JobEnding?[ids.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            endings[i] = found[i] switch
            {
                _ when open.Running.ContainsKey(ids[i]) => null, // A store that went back in time may not know it; the owner tells the end.
                null => new JobEnding { JobId = owner.Key.JobId(ids[i]), IsKnown = false },
                { Record: { } record } job when (job.Place & JobPlace.Final) != 0 => JobViews.Ending(owner.Key, record, now, maxResultBytes),
                { Record: null } job when (job.Place & JobPlace.Final) != 0 => new JobEnding { JobId = owner.Key.JobId(ids[i]), State = JobState.Failed, Reason = $"Its record cannot be read: {job.Unreadable}." },
                _ => null,
            };
        }

        return endings;
    }

    private async Task<DateTimeOffset?> OldestAsync(PartitionCounts counts)
    {
        DateTimeOffset? oldest = null;
        for (var lane = 0; lane < QueueWindow.Lanes; lane++)
        {
            if (counts.LaneEntries[lane] > 0 && (await owner.Services.Store.ReadLaneAsync(owner.Key, lane, -1, 20)).Jobs is [{ Record: { } first }, ..] && !(oldest <= first.EnqueuedAt))
            {
                oldest = first.EnqueuedAt;
            }
        }

        return oldest;
    }
}
