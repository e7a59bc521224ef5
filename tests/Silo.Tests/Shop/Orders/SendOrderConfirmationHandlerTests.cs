using Krewe.Shop.Orders;
using MimeKit;
using Xunit;

namespace Krewe.Silo.Tests.Shop.Orders;

public sealed class SendOrderConfirmationHandlerTests : IDisposable
{
    private readonly ShopFolder _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task Handle_WhenThereIsNoMailServer_WritesAMailThatOpensAgain()
    {
        var receipt = await RunAsync("2026-11-23-1001", "ada@example.org");

        using var mail = await MimeMessage.LoadAsync(receipt.Target, TestContext.Current.CancellationToken);
        var order = _shop.Get<OrderBook>().Find("2026-11-23-1001")!;
        Assert.StartsWith($"Your order 2026-11-23-1001: {order.Lines[0].Title}", mail.Subject, StringComparison.Ordinal);
        Assert.Equal("ada@example.org", Assert.Single(mail.To.Mailboxes).Address);
        Assert.Equal("\"The Film Shop\" <orders@shop.example>", Assert.Single(mail.From.Mailboxes).ToString());
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 9, 30, 0, TimeSpan.Zero), mail.Date);
        Assert.Equal(receipt.MessageId, mail.MessageId);
        var parts = Assert.IsType<MultipartAlternative>(mail.Body);
        Assert.Equal(["text/plain", "text/html"], parts.Select(part => part.ContentType.MimeType));
        Assert.All(order.Lines, line => Assert.Contains(line.Title, mail.TextBody, StringComparison.Ordinal));
        Assert.Contains(FormattableString.Invariant($"Total  € {order.Total:0.00}"), mail.TextBody, StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($"<b>€ {order.Total:0.00}</b>"), mail.HtmlBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handle_WhenRunAgain_WritesTheSameBytesToTheSameFile()
    {
        var first = await RunAsync("2026-11-23-1001", "ada@example.org");
        var bytes = await File.ReadAllBytesAsync(first.Target, TestContext.Current.CancellationToken);

        var second = await RunAsync("2026-11-23-1001", "ada@example.org");

        Assert.Equal(first, second);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(second.Target, TestContext.Current.CancellationToken));
        Assert.Single(Directory.GetFiles(_shop.Options.MailDirectory));
    }

    [Fact]
    public async Task Handle_WhenTheJobIsAnother_GivesAnotherMessageId()
    {
        var first = await RunAsync("2026-11-23-1001", "ada@example.org");

        var second = await RunAsync("2026-11-23-1001", "ada@example.org", "default~0~by-hand");

        Assert.NotEqual(first.MessageId, second.MessageId);
    }

    [Fact]
    public async Task Handle_WhenTheOrderIdIsHostile_StaysInTheFolderAndInTheHeader()
    {
        var receipt = await RunAsync("../../<b>\r\nBcc: eve@example.org", "ada@example.org");

        Assert.Equal(_shop.Options.MailDirectory, Path.GetDirectoryName(receipt.Target));
        using var mail = await MimeMessage.LoadAsync(receipt.Target, TestContext.Current.CancellationToken);
        Assert.Empty(mail.Bcc);
        Assert.Equal("ada@example.org", Assert.Single(mail.To.Mailboxes).Address);
        Assert.Contains("&lt;b&gt;", mail.HtmlBody, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gus.example.org")]
    [InlineData("")]
    [InlineData("@example.org")]
    [InlineData("gus@")]
    [InlineData("gus@example.org, eve@example.org")]
    [InlineData("Gus <gus@example.org>")]
    [InlineData("gus@exa mple.org")]
    [InlineData("gus@example.org\r\nBcc: eve@example.org")]
    public async Task Handle_WhenTheAddressIsMalformed_FailsForGood(string email)
    {
        var failed = await Assert.ThrowsAsync<FailJobException>(() => RunAsync("2026-11-23-1001", email));

        Assert.Equal($"The customer's address must be like name@example.org, got '{email}'; correct it and enqueue the confirmation again.", failed.Message);
        Assert.Empty(_shop.Files());
    }

    [Fact]
    public async Task Handle_WhenTheOrderIdIsBlank_FailsForGood()
    {
        await Assert.ThrowsAsync<FailJobException>(() => RunAsync(" ", "ada@example.org"));
    }

    [Fact]
    public void Make_WhenATitleIsNotAscii_KeepsItInSubjectAndParts()
    {
        var order = new Order("7", [new OrderLine("Alien³ – Größe & \"日本\"", 1992, 2, 4.99m), new OrderLine("300", null, 1, 10m)]);

        using var made = OrderMail.Make(order, MailboxAddress.Parse("orders@shop.example"), MailboxAddress.Parse("ada@example.org"), "key", DateTimeOffset.UnixEpoch);
        using var bytes = new MemoryStream();
        made.WriteTo(bytes, TestContext.Current.CancellationToken);
        bytes.Position = 0;
        using var mail = MimeMessage.Load(bytes, TestContext.Current.CancellationToken);

        Assert.DoesNotContain(bytes.ToArray(), value => value >= 128);
        Assert.Equal("Your order 7: Alien³ – Größe & \"日本\" and 1 more", mail.Subject);
        Assert.Contains("2 × Alien³ – Größe & \"日本\" (1992)  € 9.98", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("1 × 300  € 10.00", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("Gr&#246;&#223;e &amp; &quot;", mail.HtmlBody, StringComparison.Ordinal);
    }

    private Task<EmailReceipt> RunAsync(string orderId, string email, string jobId = "default~0~day-2026-11-23-order-1001") =>
        _shop.Make<SendOrderConfirmationHandler>().HandleAsync(new SendOrderConfirmation(orderId, email), new ShopContext(jobId), TestContext.Current.CancellationToken);
}
