using System.Collections;
using System.Globalization;
using Krewe.Shop.Orders;
using Krewe.Shop.Refunds;
using Krewe.Shop.Reports;
using Krewe.Shop.Thumbnails;

namespace Krewe.Shop;

/// <summary>One day's work of the shop, over the three queues. The same day gives the same jobs under the same ids, so that enqueuing it twice does it once.</summary>
/// <param name="day">The day; part of every id, order and payment.</param>
#pragma warning disable CA1710 // it is a day, which happens to be a collection of jobs
public sealed class ShopDay(DateOnly day) : IReadOnlyCollection<(IJob Job, EnqueueOptions? Options)>
#pragma warning restore CA1710
{
    /// <summary>How many of the jobs fail for good, and rightly: a malformed address, a picture that was cut short, two payments that the bank will not refund and two that do not exist.</summary>
    public const int FailuresOnPurpose = 6;

    private const int FirstOrder = 1001;
    private const int OrderCount = 36;
    private const int RefundCount = 22;

    private static readonly TimeSpan LateOrderDelay = TimeSpan.FromSeconds(5);
    private static readonly int[] UnknownPayments = [9001, 9002];
    private static readonly string[] Mailboxes = ["ada", "bela", "chloe", "dimitri", "eiko", "fatima"];

    private readonly (IJob Job, EnqueueOptions? Options)[] _jobs = [.. Jobs(day)];

    /// <summary>How many jobs the day has.</summary>
    public int Count => _jobs.Length;

    /// <inheritdoc/>
    public IEnumerator<(IJob Job, EnqueueOptions? Options)> GetEnumerator() => ((IEnumerable<(IJob Job, EnqueueOptions? Options)>)_jobs).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static IEnumerable<(IJob Job, EnqueueOptions? Options)> Jobs(DateOnly day)
    {
        var date = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        IEnumerable<(IJob Job, EnqueueOptions? Options)> jobs = [.. Confirmations(date), .. Refunds(date), .. Thumbnails(date)];
        return jobs.Append((new TakingsReport(day), Id(date, "takings")));
    }

    private static IEnumerable<(IJob Job, EnqueueOptions? Options)> Confirmations(string date)
    {
        const int LateOrder = FirstOrder + OrderCount;
        for (var order = FirstOrder; order < LateOrder; order++)
        {
            yield return (Confirmation(date, order, $"{Mailboxes[order % Mailboxes.Length]}@example.org"), Id(date, $"order-{order}"));
        }

        yield return (Confirmation(date, LateOrder, "late@example.org"), Id(date, $"order-{LateOrder}") with { Delay = LateOrderDelay });
        yield return (Confirmation(date, LateOrder + 1, "gus.example.org"), Id(date, $"order-{LateOrder + 1}"));
    }

    private static IEnumerable<(IJob Job, EnqueueOptions? Options)> Refunds(string date) => Enumerable.Range(FirstOrder, RefundCount).Concat(UnknownPayments)
        .Select(payment => ((IJob)new RefundPayment($"pay-{date}-{payment}", 4.99m + (payment % 17)), (EnqueueOptions?)Id(date, $"refund-{payment}")));

    private static IEnumerable<(IJob Job, EnqueueOptions? Options)> Thumbnails(string date)
    {
        (string Picture, ThumbnailFormat Format)[] pictures =
        [
            ("astronaut.png", ThumbnailFormat.Jpeg), ("chelsea.png", ThumbnailFormat.WebP), ("coffee.png", ThumbnailFormat.Png),
            ("hubble_deep_field.jpg", ThumbnailFormat.Jpeg), ("rocket.jpg", ThumbnailFormat.Jpeg), ("truncated.jpg", ThumbnailFormat.Jpeg),
        ];
        return pictures.Select(picture => ((IJob)new MakeThumbnail(picture.Picture, Format: picture.Format), (EnqueueOptions?)Id(date, $"thumbnail-{picture.Picture}")));
    }

    private static SendOrderConfirmation Confirmation(string date, int order, string email) => new($"{date}-{order}", email);

    private static EnqueueOptions Id(string date, string name) => new() { Id = $"day-{date}-{name}" };
}
