using System.Globalization;
using System.Text;
using Krewe.Shop.Films;
using Krewe.Shop.Orders;
using Microsoft.Extensions.Options;
using MimeKit;
using MimeKit.Text;

namespace Krewe.Shop.Reports;

/// <summary>Sends the weekly digest.</summary>
/// <param name="email">Hands the mail over.</param>
/// <param name="catalogue">The films.</param>
/// <param name="options">Where reports lie, and whose mail it is.</param>
public sealed class SendWeeklyDigestHandler(IEmailSender email, FilmCatalogue catalogue, IOptions<ShopOptions> options) : IJobHandler<SendWeeklyDigest, EmailReceipt>
{
    private const int Days = 7;
    private const int Genres = 5;

    /// <inheritdoc/>
    public async Task<EmailReceipt> HandleAsync(SendWeeklyDigest job, JobContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var until = ShopSchedules.DayOf(context);
        var takings = Takings.Of(catalogue.Films, _ => cancellationToken.ThrowIfCancellationRequested());
        var date = until.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var message = new MimeMessage
        {
            Subject = $"The week before {date}",
            Date = context.EnqueuedAt,
            MessageId = $"digest-{date}@shop.example", // The same for every attempt, so a repeated mail is recognizable.
            Body = new TextPart(TextFormat.Plain) { Text = Text(takings, until) },
        };
        message.From.Add(new MailboxAddress("The Film Shop", MailboxAddress.Parse(options.Value.Smtp.From).Address));
        message.To.Add(MailboxAddress.Parse(options.Value.OwnerEmail));
        try
        {
            return new EmailReceipt(message.MessageId, await email.SendAsync(message, cancellationToken));
        }
        catch (EmailRefusedException refused)
        {
            throw context.Fail(refused.Message, refused);
        }
    }

    private string Text(Takings takings, DateOnly until)
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{takings.FilmCount:N0} films took ${takings.Worldwide:N0} in the world, most of it by\n\n"));
        foreach (var genre in takings.Genres.Take(Genres))
        {
            text.Append(CultureInfo.InvariantCulture, $"  {genre.Genre}: ${genre.Worldwide:N0}\n");
        }

        text.Append("\nReports of the week:\n\n");
        var written = 0;
        for (var day = until.AddDays(-Days); day < until; day = day.AddDays(1))
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"takings-{day:yyyy-MM-dd}.html");
            if (File.Exists(Path.Combine(options.Value.ReportDirectory, name)))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {name}\n");
                written++;
            }
        }

        return text.Append(written == 0 ? "  none\n" : "").ToString();
    }
}
