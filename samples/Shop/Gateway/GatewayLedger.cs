using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Krewe.Shop.Gateway;

/// <summary>One of the gateway's two books: decides each request, one at a time, and writes a refund down before it is answered. Charges are booked in the same way, in a book of their own.</summary>
internal sealed class GatewayLedger : IDisposable
{
    private const int FirstPayment = 1000;
    private const int LastPayment = 1999;

    private readonly Lock _lock = new();
    private readonly List<BookedRefund> _booked = [];
    private readonly HashSet<string> _seenKeys = [];
    private readonly FileStream? _file;
    private readonly string _done;
    private int _requestCount;

    /// <param name="path">Keeps what was booked; null: in memory only.</param>
    /// <param name="verb"><c>refund</c> or <c>charge</c>.</param>
    /// <param name="done">The verb when it is done.</param>
    private GatewayLedger(string? path, string verb, string done)
    {
        (Verb, _done) = (verb, done);
        if (path is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            Load(path);
        }
    }

    public string Verb { get; }

    public IReadOnlyList<BookedRefund> Booked
    {
        get
        {
            lock (_lock)
            {
                return [.. _booked];
            }
        }
    }

    public static GatewayLedger OfRefunds(string? path) => new(path, "refund", "refunded");

    public static GatewayLedger OfCharges(string? path) => new(path, "charge", "charged");

    public int RequestCount => Volatile.Read(ref _requestCount);

    public GatewayAnswer Answer(string key, RefundRequest request)
    {
        Interlocked.Increment(ref _requestCount);
        lock (_lock)
        {
            return _booked.Find(refund => refund.IdempotencyKey == key) is { } earlier
                ? Repeat(earlier, request)
                : Decide(key, request);
        }
    }

    public void Dispose() => _file?.Dispose();

    private GatewayAnswer Repeat(BookedRefund earlier, RefundRequest request) => earlier.PaymentId == request.PaymentId && earlier.Amount == request.Amount
        ? GatewayAnswer.Booked(earlier)
        : GatewayAnswer.Refused(HttpStatusCode.UnprocessableEntity, $"This idempotency key belongs to another {Verb}; use a key of its own for each {Verb}.");

    private GatewayAnswer Decide(string key, RefundRequest request)
    {
        if (Number(request.PaymentId) is not { } number)
        {
            return GatewayAnswer.Refused(HttpStatusCode.NotFound, $"There is no payment '{request.PaymentId}'.");
        }

        if (request.Amount <= 0)
        {
            return GatewayAnswer.Refused(HttpStatusCode.UnprocessableEntity, string.Create(CultureInfo.InvariantCulture, $"The amount must be above 0, got {request.Amount}."));
        }

        if (_booked.Exists(refund => refund.PaymentId == request.PaymentId))
        {
            return GatewayAnswer.Refused(HttpStatusCode.Conflict, $"Payment '{request.PaymentId}' is {_done} already.");
        }

        var isFirst = _seenKeys.Add(key);
        return (number % 10, isFirst) switch
        {
            (3, true) => new GatewayAnswer(HttpStatusCode.TooManyRequests, $"Too many {Verb}s at once.", RetryAfter: 1),
            (5, true) => BookAndLoseAnswer(key, request),
            (7, true) => GatewayAnswer.Refused(HttpStatusCode.ServiceUnavailable, "The bank does not answer."),
            (9, _) => GatewayAnswer.Refused(HttpStatusCode.PaymentRequired, $"The bank refuses to {Verb} payment '{request.PaymentId}': the card has expired."),
            _ => GatewayAnswer.Booked(Book(key, request)),
        };
    }

    private GatewayAnswer BookAndLoseAnswer(string key, RefundRequest request)
    {
        Book(key, request);
        return GatewayAnswer.Refused(HttpStatusCode.ServiceUnavailable, "The connection to the bank was lost.");
    }

    private BookedRefund Book(string key, RefundRequest request)
    {
        var refund = new BookedRefund($"{Verb}-{request.PaymentId}", request.PaymentId!, request.Amount, key);
        if (_file is not null)
        {
            _file.Write(JsonSerializer.SerializeToUtf8Bytes(refund));
            _file.WriteByte((byte)'\n');
            _file.Flush(flushToDisk: true);
        }

        _booked.Add(refund);
        return refund;
    }

    private void Load(string path)
    {
        using var reader = new StreamReader(_file!, Encoding.UTF8, leaveOpen: true);
        var text = reader.ReadToEnd();

        // A last line without its end was being written when the process died: it was never answered, so it never happened.
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        try
        {
            _booked.AddRange(whole.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<BookedRefund>(line)!));
        }
        catch (JsonException exception)
        {
            throw new InvalidOperationException($"The gateway's ledger must hold one {Verb} a line, '{path}' does not: {exception.Message} Remove the file to start with empty books.", exception);
        }

        _seenKeys.UnionWith(_booked.Select(refund => refund.IdempotencyKey));
        _file!.SetLength(Encoding.UTF8.GetByteCount(whole));
        _file.Seek(0, SeekOrigin.End);
    }

    /// <summary>The number at the end of a payment that the gateway knows; null for any other.</summary>
    private static int? Number(string? paymentId) =>
        paymentId is not null && paymentId.StartsWith("pay-", StringComparison.Ordinal)
        && int.TryParse(paymentId.AsSpan(paymentId.LastIndexOf('-') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number is >= FirstPayment and <= LastPayment
            ? number
            : null;
}
