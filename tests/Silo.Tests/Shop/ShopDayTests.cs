using Krewe.Shop;
using Krewe.Shop.Gateway;
using Krewe.Shop.Orders;
using Krewe.Shop.Refunds;
using Krewe.Shop.Reports;
using Krewe.Shop.Thumbnails;
using Xunit;

namespace Krewe.Silo.Tests.Shop;

public sealed class ShopDayTests
{
    private static readonly DateOnly Day = new(2026, 11, 23);

    [Fact]
    public void Jobs_WhenAskedTwiceForOneDay_AreTheSameUnderTheSameIds()
    {
        var first = new ShopDay(Day);

        Assert.Equal(first, new ShopDay(Day));
        Assert.Equal(69, first.Count);
        Assert.Equal(69, first.Select(item => item.Options!.Id).Distinct().Count());
        Assert.All(first, item => Assert.Matches("^[A-Za-z0-9._-]{1,128}$", item.Options!.Id));
        Assert.Equal("day-2026-11-23-order-1001", first.First().Options!.Id);
    }

    [Fact]
    public void Jobs_WhenTheDayIsAnother_ShareNoId()
    {
        var ids = new ShopDay(Day).Select(item => item.Options!.Id);

        Assert.Empty(ids.Intersect(new ShopDay(Day.AddDays(1)).Select(item => item.Options!.Id)));
    }

    [Fact]
    public void Jobs_ByKind_AreADaysWork()
    {
        var day = new ShopDay(Day);

        Assert.Equal(38, day.Count(item => item.Job is SendOrderConfirmation));
        Assert.Equal(24, day.Count(item => item.Job is RefundPayment));
        Assert.Equal(6, day.Count(item => item.Job is MakeThumbnail));
        Assert.Equal(Day, Assert.IsType<TakingsReport>(day.Last().Job).Day);
        Assert.Equal([TimeSpan.FromSeconds(5)], day.Where(item => item.Options!.Delay is not null).Select(item => item.Options!.Delay!.Value));
    }

    [Fact]
    public async Task Jobs_WhenAllAreRun_FailOnlyWhereMeantAndRefundNothingTwice()
    {
        var token = TestContext.Current.CancellationToken;
        await using var gateway = await PaymentGateway.StartAsync(cancellationToken: token);
        using var shop = new ShopFolder(options => options.GatewayUrl = gateway.Url);
        var failed = new List<string>();
        var retries = 0;

        foreach (var (job, options) in new ShopDay(Day))
        {
            var context = new ShopContext(options!.Id!);
            for (var again = true; again;)
            {
                try
                {
                    await RunAsync(shop, job, context, token);
                    again = false;
                }
                catch (RetryJobException)
                {
                    retries++;
                }
                catch (FailJobException)
                {
                    failed.Add(options.Id!["day-2026-11-23-".Length..]);
                    again = false;
                }
            }
        }

        Assert.Equal(["order-1038", "refund-1009", "refund-1019", "refund-9001", "refund-9002", "thumbnail-truncated.jpg"], failed);
        Assert.Equal(ShopDay.FailuresOnPurpose, failed.Count);
        Assert.Equal(6, retries);
        Assert.Equal(20, gateway.Booked.Count);
        Assert.Equal(20, gateway.Booked.Select(refund => refund.PaymentId).Distinct().Count());
        Assert.Equal(37, Directory.GetFiles(shop.Options.MailDirectory).Length);
        Assert.Equal(5, Directory.GetFiles(shop.Options.ThumbnailDirectory).Length);
        Assert.Equal(2, Directory.GetFiles(shop.Options.ReportDirectory).Length);
    }

    private static Task RunAsync(ShopFolder shop, IJob job, JobContext context, CancellationToken token) => job switch
    {
        SendOrderConfirmation confirmation => shop.Make<SendOrderConfirmationHandler>().HandleAsync(confirmation, context, token),
        RefundPayment refund => shop.Make<RefundPaymentHandler>().HandleAsync(refund, context, token),
        MakeThumbnail thumbnail => shop.Make<MakeThumbnailHandler>().HandleAsync(thumbnail, context, token),
        TakingsReport report => shop.Make<TakingsReportHandler>().HandleAsync(report, context, token),
        _ => throw new InvalidOperationException($"No handler is known for {job.GetType().Name}."),
    };
}
