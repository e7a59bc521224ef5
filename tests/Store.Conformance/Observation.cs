using System.Globalization;
using System.IO.Hashing;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;

namespace Krewe.Store.Conformance;

/// <summary>All that can be seen of a partition, as lines of text, so that a difference reads well. Where the contract leaves an order open, lines are sorted.</summary>
internal static class Observation
{
    private static readonly DateTimeOffset Never = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);
    internal static readonly JobPlace[] Listable = [JobPlace.Ready, JobPlace.Due, JobPlace.Parked, JobPlace.Running, JobPlace.Dead, JobPlace.Done];
    private static readonly string[] ParkedNames = [Steps.Name, "other.job"];

    /// <summary>Reads everything back from a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="key">The partition.</param>
    /// <param name="ids">Ids that may exist.</param>
    internal static async Task<string> OfAsync(IJobStore store, PartitionKey key, IReadOnlyList<string> ids)
    {
        // Asked for all at once: nothing moves meanwhile, and one round trip takes as long as fifty.
        var found = store.FindAsync(key, ids);
        var lists = Listable.Select(place => ListAsync(store, key, place)).ToArray();
        var lanes = Enumerable.Range(0, 10).Select(lane => ReadLaneAsync(store, key, lane)).ToArray();
        var (due, expiring, running) = (store.ReadDueAsync(key, Never, 1000), store.ReadExpiringAsync(key, Never, 1000), store.ReadRunningAsync(key));
        var parked = ParkedNames.Select(name => store.ReadParkedAsync(key, name, 1000)).ToArray();
        var counts = store.CountAsync(key);
        await Task.WhenAll([found, .. lists, .. lanes, due, expiring, running, .. parked, counts]);

        List<string> lines = [];
        foreach (var job in await found)
        {
            Append(lines, "find", job is null ? [] : [job], true);
        }

        foreach (var (place, list) in Listable.Zip(lists))
        {
            Append(lines, $"list {place}", await list, place is not (JobPlace.Running or JobPlace.Parked));
        }

        for (var lane = 9; lane >= 0; lane--)
        {
            Append(lines, $"lane {lane}", await lanes[lane], true);
        }

        Append(lines, "due", (await due).Jobs, true);
        Append(lines, "expiring", (await expiring).Jobs, true);
        Append(lines, "running", await running, false);
        foreach (var (name, jobs) in ParkedNames.Zip(parked))
        {
            Append(lines, $"parked {name}", await jobs, false);
        }

        lines.Add($"next {(await due).Next} {(await expiring).Next}");
        lines.Add(Counts(await counts));
        return string.Join('\n', lines);
    }

    /// <summary>The same of the model.</summary>
    internal static string Of(StoreModel model, IReadOnlyList<string> ids)
    {
        List<string> lines = [];
        foreach (var id in ids)
        {
            Append(lines, "find", model.Jobs.TryGetValue(id, out var found) ? [Stored(found)] : [], true);
        }

        foreach (var place in Listable)
        {
            Append(lines, $"list {place}", InOrder(model, place), place is not (JobPlace.Running or JobPlace.Parked));
        }

        for (var lane = 9; lane >= 0; lane--)
        {
            Append(lines, $"lane {lane}", InOrder(model, JobPlace.Ready).Where(job => job.Lane == lane), true);
        }

        Append(lines, "due", InOrder(model, JobPlace.Due), true);
        Append(lines, "expiring", model.Jobs.Values.Where(entry => entry.ExpiresAt is not null).OrderBy(entry => entry.ExpiresAt).Select(Stored), true);
        Append(lines, "running", InOrder(model, JobPlace.Running), false);
        foreach (var name in ParkedNames)
        {
            Append(lines, $"parked {name}", model.Jobs.Values.Where(entry => entry.ParkedName == name).Select(Stored), false);
        }

        lines.Add("next  ");
        lines.Add(Counts(CountsOf(model)));
        return string.Join('\n', lines);
    }

    private static async Task<List<StoredJob>> ListAsync(IJobStore store, PartitionKey key, JobPlace place)
    {
        List<StoredJob> jobs = [];
        string? after = null;
        do
        {
            var page = await store.ListAsync(key, place, after, 3);
            jobs.AddRange(page.Jobs);
            after = page.Next;
        }
        while (after is not null && jobs.Count < 10_000);

        return jobs;
    }

    private static async Task<List<StoredJob>> ReadLaneAsync(IJobStore store, PartitionKey key, int lane)
    {
        List<StoredJob> jobs = [];
        var page = await store.ReadLaneAsync(key, lane, -1, 5);
        jobs.AddRange(page.Jobs);
        while (!page.IsEnd && jobs.Count < 10_000)
        {
            page = await store.ReadLaneAsync(key, lane, page.LastPosition, 5);
            jobs.AddRange(page.Jobs);
        }

        return jobs;
    }

    private static IEnumerable<StoredJob> InOrder(StoreModel model, JobPlace place)
    {
        var entries = model.Jobs.Values.Where(entry => entry.Place == place && (place != JobPlace.Done || entry.IsListed));
        entries = place switch
        {
            JobPlace.Ready => entries.OrderByDescending(entry => entry.Lane).ThenBy(entry => entry.Position),
            JobPlace.Due => entries.OrderBy(entry => entry.DueAt),
            JobPlace.Dead or JobPlace.Done => entries.OrderByDescending(entry => entry.Ended),
            _ => entries,
        };
        return entries.Select(Stored);
    }

    private static PartitionCounts CountsOf(StoreModel model)
    {
        long Count(JobPlace place) => model.Jobs.Values.Count(entry => entry.Place == place);
        return new()
        {
            LaneEntries = [.. Enumerable.Range(0, 10).Select(lane => (long)model.Jobs.Values.Count(entry => entry.Lane == lane && (entry.Place & (JobPlace.Ready | JobPlace.Running)) != 0))],
            Due = Count(JobPlace.Due),
            Running = Count(JobPlace.Running),
            Dead = Count(JobPlace.Dead),
            Listed = model.Jobs.Values.Count(entry => entry.IsListed),
            Parked = model.Jobs.Values.Where(entry => entry.ParkedName is not null).GroupBy(entry => entry.ParkedName!).ToDictionary(group => group.Key, group => (long)group.Count()),
            NextDueAt = model.Jobs.Values.Min(entry => entry.DueAt),
            NextExpiryAt = model.Jobs.Values.Min(entry => entry.ExpiresAt),
        };
    }

    private static StoredJob Stored(StoreModel.Entry entry) => new(entry.Id, entry.Place, entry.Record, entry.Claim, entry.Lane, entry.Position, 1);

    private static void Append(List<string> lines, string title, IEnumerable<StoredJob> jobs, bool isOrdered)
    {
        var texts = jobs.Select(Text);
        lines.Add($"{title}: {string.Join("; ", isOrdered ? texts : texts.Order(StringComparer.Ordinal))}");
    }

    private static string Text(StoredJob job)
    {
        var at = (job.Place & (JobPlace.Ready | JobPlace.Running)) != 0 ? $"@{job.Lane}/{job.Position}" : "";
        var record = job.Record is null ? job.Unreadable : XxHash64.HashToUInt64(JobRecordCodec.Encode(job.Record)).ToString("x", CultureInfo.InvariantCulture);
        return $"{job.Id} {job.Place}{at} {record} {job.Claim}".TrimEnd();
    }

    private static string Counts(PartitionCounts counts)
    {
        var parked = counts.Parked.Where(pair => pair.Value != 0).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}");
        return $"counts: lanes {string.Join(',', counts.LaneEntries)} ready {counts.Ready} due {counts.Due} running {counts.Running} dead {counts.Dead} listed {counts.Listed} "
            + $"parked {string.Join(',', parked)} next due {counts.NextDueAt?.ToUniversalTime():O} expiry {counts.NextExpiryAt?.ToUniversalTime():O}";
    }
}
