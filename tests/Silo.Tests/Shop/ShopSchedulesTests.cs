using Krewe.Shop;
using Krewe.Shop.Reports;
using Xunit;

namespace Krewe.Silo.Tests.Shop;

public sealed class ShopSchedulesTests : IDisposable
{
    private readonly ShopFolder _shop = new(options => options.WebhookUrl = new Uri("http://127.0.0.1:9/hook"));

    public void Dispose() => _shop.Dispose();

    [Fact]
    public void Schedules_AreTheThreeOfTheShop() => Assert.Equal(
        [("daily-reports", "0 2 * * *"), ("pending-webhooks", "00:05:00"), ("weekly-digest", "0 9 * * MON")],
        ShopSchedules.All.Select(schedule => (schedule.Id, schedule.Recurrence is CronRecurrence cron ? cron.Expression : ((IntervalRecurrence)schedule.Recurrence).Interval.ToString("c"))));

    [Theory]
    [InlineData("2026-11-20T02:00:00Z", "2026-11-20")]
    [InlineData("2026-11-20T23:30:00-05:00", "2026-11-21")]
    [InlineData(null, "2026-11-23")]
    public void DayOf_IsTheDayOfTheDueInstant(string? due, string day) =>
        Assert.Equal(DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture), ShopSchedules.DayOf(new ShopContext { DueHeader = due }));

    [Fact]
    public async Task Digest_TellsTheTakingsAndTheReportsOfTheWeek()
    {
        Directory.CreateDirectory(_shop.Options.ReportDirectory);
        await File.WriteAllTextAsync(Path.Combine(_shop.Options.ReportDirectory, "takings-2026-11-18.html"), "", TestContext.Current.CancellationToken);

        var receipt = await _shop.Make<SendWeeklyDigestHandler>().HandleAsync(new SendWeeklyDigest(), new ShopContext(), TestContext.Current.CancellationToken);

        var mail = await File.ReadAllTextAsync(receipt.Target, TestContext.Current.CancellationToken);
        Assert.Equal("digest-2026-11-23@shop.example", receipt.MessageId);
        Assert.All(["3,201 films", "takings-2026-11-18.html", "owner@shop.example"], said => Assert.Contains(said, mail, StringComparison.Ordinal));
    }
}
