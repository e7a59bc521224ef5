using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using MimeKit;
using MimeKit.Text;

namespace Krewe.Shop.Orders;

/// <summary>Makes the mail of an order. Pure: the same order and key give the same bytes, so a repeated mail is recognizable.</summary>
internal static class OrderMail
{
    private const string Domain = "shop.example";

    /// <summary>The mail, as text and as HTML.</summary>
    /// <param name="order">What was bought.</param>
    /// <param name="from">The sender.</param>
    /// <param name="to">The customer.</param>
    /// <param name="idempotencyKey">The same for every attempt.</param>
    /// <param name="writtenAt">The mail's date; the instant of the enqueue, so that it does not change between attempts.</param>
    public static MimeMessage Make(Order order, MailboxAddress from, MailboxAddress to, string idempotencyKey, DateTimeOffset writtenAt)
    {
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(idempotencyKey)).AsSpan(0, 10));
        var body = new MultipartAlternative
        {
            new TextPart(TextFormat.Plain) { Text = Text(order), ContentTransferEncoding = ContentEncoding.QuotedPrintable },
            new TextPart(TextFormat.Html) { Text = Html(order), ContentTransferEncoding = ContentEncoding.QuotedPrintable },
        };
        body.Boundary = $"=-{key}";
        var message = new MimeMessage
        {
            Subject = Subject(order),
            Date = writtenAt,
            MessageId = $"{Slug(order.OrderId)}.{key}@{Domain}",
            Body = body,
        };
        message.From.Add(new MailboxAddress("The Film Shop", from.Address));
        message.To.Add(to);
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        return message;
    }

    private static string Subject(Order order) => order.Lines.Count == 1
        ? $"Your order {order.OrderId}: {order.Lines[0].Title}"
        : $"Your order {order.OrderId}: {order.Lines[0].Title} and {order.Lines.Count - 1} more";

    private static string Text(Order order)
    {
        var text = new StringBuilder($"Thank you for your order {order.OrderId}.\n\n");
        foreach (var line in order.Lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"{line.Quantity} × {Label(line)}  {Euro(line.Total)}\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"\nTotal  {Euro(order.Total)}\n\nThe Film Shop\n").ToString();
    }

    private static string Html(Order order)
    {
        var rows = new StringBuilder();
        foreach (var line in order.Lines)
        {
            rows.Append(CultureInfo.InvariantCulture, $"<tr><td>{line.Quantity} ×</td><td>{WebUtility.HtmlEncode(Label(line))}</td><td align=\"right\">{Euro(line.Total)}</td></tr>\n");
        }

        return $"""
            <!doctype html>
            <html lang="en"><body style="font-family:sans-serif;color:#1d2733">
            <p>Thank you for your order <b>{WebUtility.HtmlEncode(order.OrderId)}</b>.</p>
            <table cellpadding="6" style="border-collapse:collapse">
            {rows}<tr style="border-top:1px solid #1d2733"><td></td><td><b>Total</b></td><td align="right"><b>{Euro(order.Total)}</b></td></tr>
            </table>
            <p>The Film Shop</p>
            </body></html>

            """;
    }

    private static string Label(OrderLine line) => line.Year is { } year ? string.Create(CultureInfo.InvariantCulture, $"{line.Title} ({year})") : line.Title;

    private static string Euro(decimal amount) => string.Create(CultureInfo.InvariantCulture, $"€ {amount:0.00}");

    /// <summary>The part of an id that is safe in a Message-Id and in a file's name.</summary>
    private static string Slug(string id)
    {
        var safe = new string([.. id.Take(40).Select(character => char.IsAsciiLetterOrDigit(character) ? character : '-')]).Trim('-');
        return safe.Length == 0 ? "order" : safe;
    }
}
