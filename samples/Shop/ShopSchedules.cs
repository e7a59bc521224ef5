using System.Globalization;
using Krewe.Shop.Reports;
using Krewe.Shop.Webhooks;

namespace Krewe.Shop;

/// <summary>A schedule of the shop, for <c>AddSchedule</c>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Recurrence">When it is due.</param>
/// <param name="Work">What it enqueues.</param>
/// <param name="Options">What it does beside.</param>
public sealed record ShopSchedule(string Id, Recurrence Recurrence, IFlowStep Work, ScheduleOptions Options);

/// <summary>What the shop does by the clock.</summary>
public static class ShopSchedules
{
    /// <summary>All of it.</summary>
    public static IReadOnlyList<ShopSchedule> All { get; } =
    [
        new("daily-reports", Recurrence.Cron("0 2 * * *"), new GenerateDailyReports(), new ScheduleOptions { Misfire = MisfirePolicy.FireAll, MaxMisfires = 31, Description = "Yesterday's reports, at night; after an outage those of each day." }),
        new("pending-webhooks", Recurrence.Every(TimeSpan.FromMinutes(5), isAligned: true), new SendPendingWebhooks(), new ScheduleOptions { Overlap = OverlapPolicy.Skip, Misfire = MisfirePolicy.Skip, Description = "What partners were not told yet; the next round makes up for one that was missed." }),
        new("weekly-digest", Recurrence.Cron("0 9 * * MON"), new SendWeeklyDigest(), new ScheduleOptions { Description = "The week's reports, to the owner, on Monday morning." }),
    ];

    /// <summary>The day on which a job's schedule was due, UTC, however late it runs; without a schedule, the day of the enqueue.</summary>
    internal static DateOnly DayOf(JobContext context) => DateOnly.FromDateTime(
        (context.Headers.TryGetValue("krewe-due", out var due) ? DateTimeOffset.Parse(due, CultureInfo.InvariantCulture) : context.EnqueuedAt).UtcDateTime);
}
