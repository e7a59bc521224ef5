using System.Collections;
using Krewe.Shop.Reports;
using Krewe.Shop.Webhooks;

namespace Krewe.Shop;

/// <summary>What the shop does by the clock, for <c>AddSchedule</c>.</summary>
#pragma warning disable CA1710 // it is a list of schedules, and named after them
public sealed class ShopSchedules : IReadOnlyCollection<(string Id, Recurrence Recurrence, IFlowStep Work, ScheduleOptions Options)>
#pragma warning restore CA1710
{
    private static readonly (string Id, Recurrence Recurrence, IFlowStep Work, ScheduleOptions Options)[] All =
    [
        ("daily-reports", Recurrence.Cron("0 2 * * *"), new GenerateDailyReports(), new ScheduleOptions { Misfire = MisfirePolicy.FireAll, MaxMisfires = 31, Description = "Yesterday's reports, at night; after an outage those of each day." }),
        ("pending-webhooks", Recurrence.Every(TimeSpan.FromMinutes(5), isAligned: true), new SendPendingWebhooks(), new ScheduleOptions { Overlap = OverlapPolicy.Skip, Misfire = MisfirePolicy.Skip, Description = "What partners were not told yet; the next round makes up for one that was missed." }),
        ("weekly-digest", Recurrence.Cron("0 9 * * MON"), new SendWeeklyDigest(), new ScheduleOptions { Description = "The week's reports, to the owner, on Monday morning." }),
    ];

    /// <summary>How many there are.</summary>
    public int Count => All.Length;

    /// <inheritdoc/>
    public IEnumerator<(string Id, Recurrence Recurrence, IFlowStep Work, ScheduleOptions Options)> GetEnumerator() => ((IEnumerable<(string Id, Recurrence Recurrence, IFlowStep Work, ScheduleOptions Options)>)All).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The day on which a job's schedule was due, UTC, however late it runs; without a schedule, the day of the enqueue.</summary>
    internal static DateOnly DayOf(JobContext context) => DateOnly.FromDateTime(
        (context.Headers.TryGetValue("krewe-due", out var due) ? DateTimeOffset.Parse(due, System.Globalization.CultureInfo.InvariantCulture) : context.EnqueuedAt).UtcDateTime);
}
