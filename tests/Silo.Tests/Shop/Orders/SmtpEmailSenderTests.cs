using System.Text;
using Krewe.Shop.Orders;
using MailKit.Net.Smtp;
using MimeKit;
using Xunit;

namespace Krewe.Silo.Tests.Shop.Orders;

public sealed class SmtpEmailSenderTests : IAsyncDisposable
{
    private static readonly SendOrderConfirmation Job = new("2026-11-23-1001", "ada@example.org");

    private readonly SmtpServer _server = new();
    private readonly ShopFolder _shop;

    public SmtpEmailSenderTests() => _shop = new ShopFolder(options =>
    {
        options.Smtp.Host = "127.0.0.1";
        options.Smtp.Port = _server.Port;
        options.Smtp.UseTls = false;
    });

    public async ValueTask DisposeAsync()
    {
        _shop.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Send_WhenTheServerAccepts_DeliversTheMail()
    {
        var receipt = await RunAsync();

        Assert.Equal($"smtp://127.0.0.1:{_server.Port}", receipt.Target);
        Assert.Contains("MAIL FROM:<orders@shop.example>", _server.Commands.Select(command => command.Split(" SIZE")[0].Split(" BODY")[0]));
        Assert.Contains("RCPT TO:<ada@example.org>", _server.Commands);
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(Assert.Single(_server.Mails)));
        using var mail = await MimeMessage.LoadAsync(stream, TestContext.Current.CancellationToken);
        Assert.Equal(receipt.MessageId, mail.MessageId);
    }

    [Theory]
    [InlineData("RCPT", "550 no such mailbox", "The mail server refused the mail for good with 550: no such mailbox")]
    [InlineData("RCPT", "553 malformed address", "The mail server refused the mail for good with 553: malformed address")]
    [InlineData("MAIL", "550 sender unknown", "The mail server refused the mail for good with 550: sender unknown")]
    [InlineData(".", "554 looks like spam", "The mail server refused the mail for good with 554: looks like spam")]
    public async Task Send_WhenTheServerRefusesThisMail_FailsForGood(string command, string answer, string sentence)
    {
        _server.Answers[command] = answer;

        var failed = await Assert.ThrowsAsync<FailJobException>(RunAsync);

        Assert.Equal(sentence, failed.Message);
    }

    [Theory]
    [InlineData("RCPT", "451 try later", 451)]
    [InlineData("RCPT", "450 mailbox busy", 450)]
    [InlineData(".", "452 disk full", 452)]
    public async Task Send_WhenTheServerIsBusy_FailsTheAttempt(string command, string answer, int status)
    {
        _server.Answers[command] = answer;

        var failed = await Assert.ThrowsAsync<SmtpCommandException>(RunAsync);

        Assert.Equal(status, (int)failed.StatusCode);
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("RCPT")]
    [InlineData(".")]
    public async Task Send_WhenTheServerHangsUp_FailsTheAttempt(string command)
    {
        _server.Answers[command] = null;

        var failed = await Assert.ThrowsAnyAsync<Exception>(RunAsync);

        Assert.IsNotType<JobOutcomeException>(failed, exactMatch: false);
    }

    [Fact]
    public async Task Send_WhenNobodyListens_FailsTheAttempt()
    {
        await _server.HangUpAsync();

        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(RunAsync);
    }

    [Fact]
    public async Task Send_WhenTheServerHangsUpInsteadOfClosing_SucceedsAsTheMailIsOut()
    {
        _server.Answers["QUIT"] = null;

        var receipt = await RunAsync();

        Assert.Contains($"Message-Id: <{receipt.MessageId}>", Assert.Single(_server.Mails), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Send_WhenTheAddressNeedsMoreThanTheServerHas_FailsForGood()
    {
        var failed = await Assert.ThrowsAsync<FailJobException>(() => RunAsync("björn@example.org"));

        Assert.Equal("The mail server must offer SMTPUTF8 for an address such as 'björn@example.org', which it does not; use an ASCII address or another server.", failed.Message);
        Assert.Empty(_server.Mails);
    }

    [Fact]
    public async Task Send_WhenTheServerSpeaksSmtpUtf8_DeliversToTheAddressAsItIs()
    {
        _server.Answers["EHLO"] = "250-test\r\n250-8BITMIME\r\n250 SMTPUTF8";

        await RunAsync("björn@example.org");

        Assert.Contains("RCPT TO:<björn@example.org>", _server.Commands);
        Assert.Contains(_server.Commands, command => command.StartsWith("MAIL FROM:", StringComparison.Ordinal) && command.EndsWith(" SMTPUTF8", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Send_WhenOnlyTheDomainIsNotAscii_DeliversToItsPunycode()
    {
        await RunAsync("ada@bücher.example");

        Assert.Contains("RCPT TO:<ada@xn--bcher-kva.example>", _server.Commands);
    }

    [Fact]
    public async Task Send_WhenTheAttemptIsCancelled_StopsWithItsToken()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _shop.Make<SendOrderConfirmationHandler>().HandleAsync(Job, new ShopContext(), cancel.Token));

        Assert.Empty(_server.Mails);
    }

    private Task<EmailReceipt> RunAsync() => RunAsync(Job.Email);

    private Task<EmailReceipt> RunAsync(string email) => _shop.Make<SendOrderConfirmationHandler>().HandleAsync(Job with { Email = email }, new ShopContext(), TestContext.Current.CancellationToken);
}
