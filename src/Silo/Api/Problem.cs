using System.Globalization;
using Microsoft.AspNetCore.Mvc;

namespace Krewe.Api;

/// <summary>What went wrong, as RFC 9457 problem details: <c>detail</c> is the sentence.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">Expected, got, remedy.</param>
internal sealed record Problem(int Status, string Detail)
{
    private const int RetryAfterSeconds = 5;

    /// <summary>Members beside the standard ones.</summary>
    public IReadOnlyDictionary<string, object?> Members { get; init; } = new Dictionary<string, object?>();

    /// <summary>Seconds for <c>Retry-After</c>; null: none.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The problem that an exception tells of; null for a defect of ours.</summary>
    public static Problem? From(Exception exception) => exception switch
    {
        RequestRefusedException refused => new(refused.Status, refused.Message) { RetryAfter = refused.Status == StatusCodes.Status503ServiceUnavailable ? RetryAfterSeconds : null },
        BadHttpRequestException bad => new(bad.StatusCode, Unreadable(bad)),
        InvalidJobException or UnknownQueueException => new(StatusCodes.Status400BadRequest, exception.Message),
        UnknownJobException or UnknownScheduleException => new(StatusCodes.Status404NotFound, exception.Message),
        JobIdConflictException conflict => new(StatusCodes.Status409Conflict, conflict.Message) { Members = new Dictionary<string, object?> { ["id"] = conflict.JobId } },
        UniqueKeyHeldException held => new(StatusCodes.Status409Conflict, held.Message) { Members = new Dictionary<string, object?> { ["id"] = held.JobId, ["holderId"] = held.HolderId } },
        ScheduleExistsException exists => new(StatusCodes.Status409Conflict, exists.Message) { Members = new Dictionary<string, object?> { ["id"] = exists.ScheduleId } },
        ScheduleChangedException changed => new(StatusCodes.Status409Conflict, changed.Message) { Members = new Dictionary<string, object?> { ["id"] = changed.ScheduleId, ["etag"] = changed.ETag } },
        PayloadTooLargeException => new(StatusCodes.Status413PayloadTooLarge, exception.Message),
        QueueFullException => new(StatusCodes.Status429TooManyRequests, exception.Message) { RetryAfter = RetryAfterSeconds },
        StoreUnavailableException store => Unavailable(store.Message, store.MaybeStoredIds),
        ResultGoneException gone => new(gone.IsKnown ? StatusCodes.Status410Gone : StatusCodes.Status404NotFound, gone.Message),
        TimeoutException or OrleansException => Unavailable("The cluster did not answer in time; try again.", []), // Their messages tell of addresses and stacks.
        _ => null,
    };

    /// <summary>Answers a request with this problem.</summary>
    public IResult Answer(HttpContext http)
    {
        SayWhenToRetry(http);
        return TypedResults.Problem(Details());
    }

    /// <summary>Sets <c>Retry-After</c> where a later try may succeed.</summary>
    public void SayWhenToRetry(HttpContext http)
    {
        if (RetryAfter is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The body.</summary>
    public ProblemDetails Details()
    {
        var details = new ProblemDetails { Status = Status, Detail = Detail, Title = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(Status) };
        foreach (var (name, value) in Members)
        {
            details.Extensions[name] = value;
        }

        return details;
    }

    private static Problem Unavailable(string message, IReadOnlyList<string> maybeStoredIds) => new(StatusCodes.Status503ServiceUnavailable, message)
    {
        RetryAfter = RetryAfterSeconds,
        Members = maybeStoredIds is [] ? new Dictionary<string, object?>() : new Dictionary<string, object?> { ["maybeStoredIds"] = maybeStoredIds },
    };

    private static string Unreadable(BadHttpRequestException bad) => bad.StatusCode == StatusCodes.Status408RequestTimeout
        ? "The body came too slowly; send it again."
        : $"The body could not be read: {bad.Message} It may have been cut short; send it again.";
}
