using System.Globalization;
using Krewe.Shop.Webhooks;
using Microsoft.Extensions.Options;

namespace Krewe.Shop.Reports;

/// <summary>Enqueues the reports of a day, and leaves word of them for the partner.</summary>
/// <remarks>The day is that of the due instant, not of the run: an occurrence that was made up for after an outage writes the report that it was for. Running twice enqueues the same report, and leaves the same word.</remarks>
/// <param name="outbox">What partners are to be told.</param>
/// <param name="options">Whom to tell.</param>
public sealed class GenerateDailyReportsHandler(WebhookOutbox outbox, IOptions<ShopOptions> options) : IJobHandler<GenerateDailyReports, string>
{
    /// <inheritdoc/>
    /// <returns>The id of the takings report's job.</returns>
    public async Task<string> HandleAsync(GenerateDailyReports job, JobContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var day = ShopSchedules.DayOf(context).AddDays(-1);
        var date = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var takings = await context.Jobs.EnqueueAsync(new TakingsReport(day), new EnqueueOptions { Id = $"day-{date}-takings" }, cancellationToken);
        if (options.Value.WebhookUrl is { } url)
        {
            await outbox.AddAsync($"report-{date}", url, new { happened = "report.daily", day = date, job = takings.Id }, cancellationToken);
        }

        return takings.Id;
    }
}
