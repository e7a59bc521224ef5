using System.Text.Json;
using Krewe.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Krewe.Api;

/// <summary>A job's result.</summary>
/// <param name="Id">The job.</param>
/// <param name="State">Succeeded.</param>
/// <param name="Value">What its handler returned; null for a handler without a result.</param>
internal sealed record ResultAnswer(string Id, JobState State, JsonElement? Value);

/// <summary>A job that is not final yet.</summary>
/// <param name="Id">The job.</param>
/// <param name="State">Where it stands.</param>
internal sealed record PendingAnswer(string Id, JobState State);

/// <summary><c>/api/jobs/{id}/result</c>: read a result, or wait for it.</summary>
internal static class ResultsApi
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(10);

    // For reading a result that is there already; only a redrive at this very moment can make it take longer.
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(10);

    public static void MapResults(this RouteGroupBuilder api) =>
        api.MapGet("/jobs/{id}/result", GetAsync).WithTags("Jobs").WithSummary("Reads a job's result, or waits for it")
            .WithDescription("`wait` is 0 (default) to 10 minutes, such as 30s. 200 succeeded · 202 still going · 424 Failed, Cancelled or Expired, see `state` · 410 finished, but its result was removed.")
            .Produces<ResultAnswer>().Produces<PendingAnswer>(StatusCodes.Status202Accepted).WithProblems(400, 404, 410, 424, 503);

    private static async Task<IResult> GetAsync(string id, IJobClient jobs, StopNotice notice, HttpBounds bounds, HttpContext http, CancellationToken cancellationToken, string? wait = null)
    {
        var patience = ReadWait(wait);
        var job = jobs.GetHandle(id);

        // A silo that has drained does not wait for its callers' waits: it answers what holds now, and they ask another one.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, notice.Token);
        if (patience == TimeSpan.Zero && await job.GetInfoAsync(cancellationToken) is { } info && !info.State.IsFinal())
        {
            return Pending(info);
        }

        using var waiting = bounds.EnterWait();
        if (await TryReadAsync(job, patience > TimeSpan.Zero ? patience : ReadTimeout, http, stop.Token) is { } answer)
        {
            return answer;
        }

        cancellationToken.ThrowIfCancellationRequested();
        var now = await job.GetInfoAsync(cancellationToken) ?? throw new ResultGoneException(id, isKnown: false);
        return now.State.IsFinal() && await TryReadAsync(job, ReadTimeout, http, cancellationToken) is { } late ? late : Pending(now);
    }

    /// <summary>The answer of a final job; null when it did not end in time, or the wait was stopped.</summary>
    private static async Task<IResult?> TryReadAsync(JobHandle job, TimeSpan patience, HttpContext http, CancellationToken stop)
    {
        try
        {
            var value = await job.GetResultAsync<JsonElement?>(patience, stop);
            return TypedResults.Ok(new ResultAnswer(job.Id, JobState.Succeeded, value is { ValueKind: JsonValueKind.Undefined } ? null : value));
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            return null;
        }
        catch (KreweException exception) when (Unsuccessful(job.Id, exception) is not null)
        {
            return Unsuccessful(job.Id, exception)!.Answer(http);
        }
    }

    private static Accepted<PendingAnswer> Pending(JobInfo info) => TypedResults.Accepted((string?)null, new PendingAnswer(info.Id, info.State));

    private static Problem? Unsuccessful(string id, KreweException exception) => exception switch
    {
        JobFailedException failed => Unsuccessful(id, JobState.Failed, failed.Message, failed.Error),
        JobCancelledException => Unsuccessful(id, JobState.Cancelled, exception.Message, null),
        JobExpiredException => Unsuccessful(id, JobState.Expired, exception.Message, null),
        _ => null,
    };

    private static Problem Unsuccessful(string id, JobState state, string detail, JobError? error) => new(StatusCodes.Status424FailedDependency, detail)
    {
        Members = error is null
            ? new Dictionary<string, object?> { ["id"] = id, ["state"] = state }
            : new Dictionary<string, object?> { ["id"] = id, ["state"] = state, ["error"] = error },
    };

    private static TimeSpan ReadWait(string? text) => string.IsNullOrEmpty(text)
        ? TimeSpan.Zero
        : Durations.TryParse(text, out var wait) && wait >= TimeSpan.Zero && wait <= MaxWait
            ? wait
            : throw RequestRefusedException.BadRequest($"wait must be 0 to 10 minutes, {Durations.Examples}, got '{text}'.");
}
