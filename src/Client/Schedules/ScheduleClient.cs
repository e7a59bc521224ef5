using System.Globalization;
using Krewe.Definitions;
using Krewe.Queues;

namespace Krewe.Schedules;

/// <inheritdoc cref="IScheduleClient"/>
internal sealed class ScheduleClient(IGrainFactory grains, ScheduleWriter writer, TimeProvider time) : IScheduleClient
{
    internal const int MaxListed = 1_000;
    internal const int MaxPreviewed = 1_000;

    public async Task<ScheduleInfo> CreateAsync(string id, Recurrence recurrence, IFlowStep work, ScheduleOptions? options = null, CancellationToken cancellationToken = default)
    {
        ScheduleChecks.Id(id);
        ArgumentNullException.ThrowIfNull(recurrence);
        ArgumentNullException.ThrowIfNull(work);
        var order = await writer.WriteAsync(recurrence, work, options ?? new ScheduleOptions(), cancellationToken).ConfigureAwait(false);
        return ScheduleJson.Info(await WriteAsync(id, order, static (grain, sent) => grain.CreateAsync(sent), cancellationToken).ConfigureAwait(false));
    }

    public async Task<ScheduleInfo?> GetAsync(string id, CancellationToken cancellationToken = default) =>
        await FindAsync(id, cancellationToken).ConfigureAwait(false) is { } stored ? ScheduleJson.Info(stored) : null;

    public async Task<SchedulePage> ListAsync(string? after = null, int limit = 100, CancellationToken cancellationToken = default)
    {
        CheckRange("limit", limit, MaxListed, "read further pages with after.");
        var stored = await RetriedCall.ForRead(time).RunAsync(
            static asked => RetriedCall.Connected(() => asked.Grains.GetGrain<IScheduleIndex>(0)).ListAsync(asked.After, asked.Max), (Grains: grains, After: after, Max: limit + 1), cancellationToken).ConfigureAwait(false);
        var page = stored.Take(limit).Select(ScheduleJson.Info).ToList();
        return new(page, stored.Count > limit ? page[^1].Id : null);
    }

    public async Task<ScheduleInfo> UpdateAsync(string id, ScheduleChange change, string? etag = null, CancellationToken cancellationToken = default)
    {
        ScheduleChecks.Id(id);
        ArgumentNullException.ThrowIfNull(change);
        var order = await writer.WriteAsync(change.Recurrence, change.Work, change.Options, cancellationToken).ConfigureAwait(false);
        return ScheduleJson.Info(await WriteAsync(id, (Order: order, ETag: etag), static (grain, sent) => grain.UpdateAsync(sent.Order, sent.ETag), cancellationToken).ConfigureAwait(false));
    }

    public Task<ScheduleInfo> PauseAsync(string id, CancellationToken cancellationToken = default) => EnableAsync(id, isEnabled: false, cancellationToken);

    public Task<ScheduleInfo> ResumeAsync(string id, CancellationToken cancellationToken = default) => EnableAsync(id, isEnabled: true, cancellationToken);

    public async Task<ScheduleInfo> ResetAsync(string id, CancellationToken cancellationToken = default) =>
        ScheduleJson.Info(await WriteAsync(ScheduleChecks.Id(id), 0, static (grain, _) => grain.ResetAsync(), cancellationToken).ConfigureAwait(false));

    public async Task<ScheduleOccurrence> TriggerAsync(string id, string? nonce = null, CancellationToken cancellationToken = default)
    {
        var key = nonce is null ? writer.NewKey() : ScheduleChecks.Nonce(nonce);
        return ScheduleJson.Read<ScheduleOccurrence>(await WriteAsync(ScheduleChecks.Id(id), key, static (grain, sent) => grain.TriggerAsync(sent), cancellationToken).ConfigureAwait(false));
    }

    public async Task<bool> DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        var call = RetriedCall.ForWrite(time);
        return await WriteAsync(call, ScheduleChecks.Id(id), 0, static (grain, _) => grain.DeleteAsync(), cancellationToken).ConfigureAwait(false) || call.MayHaveArrived;
    }

    public IReadOnlyList<DateTimeOffset> Preview(Recurrence recurrence, DateTimeOffset after, int count = 10)
    {
        ArgumentNullException.ThrowIfNull(recurrence);
        CheckRange("count", count, MaxPreviewed, "ask again from the last one.");
        return [.. Timetable.Of(recurrence).Occurrences(after, after).Take(count)];
    }

    public async Task<IReadOnlyList<DateTimeOffset>> PreviewAsync(string id, int count = 10, CancellationToken cancellationToken = default)
    {
        CheckRange("count", count, MaxPreviewed, "ask again from the last one.");
        var schedule = ScheduleJson.Read<ScheduleRecord>(await FindAsync(id, cancellationToken).ConfigureAwait(false) ?? throw new UnknownScheduleException(id));
        if (schedule.NextDue is not { } next)
        {
            return [];
        }

        var left = schedule.Definition.Options!.MaxRuns is { } runs ? Math.Min(count, runs - schedule.Runs) : count;
        return [.. DueRule.Of(schedule).Occurrences(next).Prepend(next).Take((int)left)];
    }

    public async Task<BackfillResult> BackfillAsync(string id, DateTimeOffset from, DateTimeOffset to, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        ScheduleChecks.Id(id);
        if (to <= from)
        {
            throw new InvalidJobException(string.Create(CultureInfo.InvariantCulture, $"The end of a backfill must be later than its begin, got {to:O} with {from:O}; exchange them."));
        }

        if (to > time.GetUtcNow())
        {
            throw new InvalidJobException(string.Create(CultureInfo.InvariantCulture, $"The end of a backfill must not be later than now, got {to:O}; what is still to come fires by itself."));
        }

        var all = await FillAsync(id, from, to, isDryRun: true, cancellationToken).ConfigureAwait(false);
        var filled = new List<BackfilledOccurrence>();
        while (!dryRun && filled.Count < all.Length)
        {
            var part = await FillAsync(id, filled.Count == 0 ? from : filled[^1].Due.AddTicks(1), to, isDryRun: false, cancellationToken).ConfigureAwait(false);
            if (part.Length == 0)
            {
                break; // It was changed meanwhile.
            }

            filled.AddRange(part);
        }

        return new(dryRun, dryRun ? all : filled);
    }

    private Task<BackfilledOccurrence[]> FillAsync(string id, DateTimeOffset from, DateTimeOffset to, bool isDryRun, CancellationToken cancellationToken) =>
        WriteAsync(id, (From: from, To: to, IsDryRun: isDryRun), static (grain, sent) => grain.BackfillAsync(sent.From, sent.To, sent.IsDryRun), cancellationToken);

    private async Task<ScheduleInfo> EnableAsync(string id, bool isEnabled, CancellationToken cancellationToken) =>
        ScheduleJson.Info(await WriteAsync(ScheduleChecks.Id(id), isEnabled, static (grain, sent) => grain.EnableAsync(sent), cancellationToken).ConfigureAwait(false));

    private Task<byte[]?> FindAsync(string id, CancellationToken cancellationToken) => RetriedCall.ForRead(time).RunAsync(
        static asked => RetriedCall.Connected(() => asked.Grains.GetGrain<IScheduleIndex>(0)).FindAsync(asked.Id), (Grains: grains, Id: ScheduleChecks.Id(id)), cancellationToken);

    private Task<TResult> WriteAsync<TState, TResult>(string id, TState state, Func<IScheduleGrain, TState, Task<TResult>> call, CancellationToken cancellationToken) => WriteAsync(RetriedCall.ForWrite(time), id, state, call, cancellationToken);

    private Task<TResult> WriteAsync<TState, TResult>(RetriedCall repeated, string id, TState state, Func<IScheduleGrain, TState, Task<TResult>> call, CancellationToken cancellationToken) => repeated.RunAsync(
        static sent => sent.Call(RetriedCall.Connected(() => sent.Grains.GetGrain<IScheduleGrain>(sent.Id)), sent.State), (Grains: grains, Id: id, State: state, Call: call), cancellationToken);

    private static void CheckRange(string name, int value, int high, string remedy)
    {
        var violations = new Violations("");
        violations.Range(name, value, 1, high, remedy);
        if (violations.Sentences is [var violation])
        {
            throw new InvalidJobException(violation);
        }
    }
}
