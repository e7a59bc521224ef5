using Krewe.Schedules;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Krewe.Api;

/// <summary>Triggers a schedule by hand.</summary>
/// <param name="Nonce">The same one enqueues once; absent: a new one.</param>
internal sealed record TriggerBody(string? Nonce = null);

/// <summary>Enqueues the occurrences of a past time that are not there.</summary>
/// <param name="From">The first instant.</param>
/// <param name="To">The instant after the last one, not later than now.</param>
/// <param name="DryRun">Whether they are only to be listed; absent: false.</param>
internal sealed record BackfillBody(DateTimeOffset From, DateTimeOffset To, bool? DryRun = null);

/// <summary>The next due instants of a schedule.</summary>
/// <param name="Occurrences">In order, with the offsets of the time zone.</param>
internal sealed record NextAnswer(IReadOnlyList<DateTimeOffset> Occurrences);

/// <summary><c>/api/schedules/{id}</c>: read one, change, steer, remove.</summary>
internal static class ScheduleApi
{
    public static void MapSchedule(this RouteGroupBuilder api)
    {
        var schedule = api.MapGroup("/schedules/{id}").WithTags("Schedules");
        schedule.MapGet("", GetAsync).WithSummary("Reads a schedule").WithDescription("With its last 50 occurrences, newest first. The etag is a header, too.").Produces<ScheduleAnswer>().WithProblems(400, 404, 503);
        schedule.MapPut("", PutAsync).WithSummary("Replaces the definition of a schedule")
            .WithDescription("The body is as in `POST /api/schedules`; what is absent takes its default, but for `job` and `flow`, which stay. With `etag` or the header `If-Match` a definition that somebody changed since is a 409.")
            .Accepts<ScheduleBody>("application/json").Produces<ScheduleAnswer>().WithProblems(400, 404, 409, 413, 415, 503);
        schedule.MapPatch("", PatchAsync).WithSummary("Changes a part of a schedule")
            .WithDescription("What is absent stays as it is; `job` comes with its `args` and `options`. With `etag` or the header `If-Match` a definition that somebody changed since is a 409.")
            .Accepts<ScheduleBody>("application/json").Produces<ScheduleAnswer>().WithProblems(400, 404, 409, 413, 415, 503);
        schedule.MapPost("/pause", PauseAsync).WithSummary("Pauses a schedule").WithDescription("What falls due is not made up for. No body is needed.").Produces<ScheduleAnswer>().WithProblems(400, 404, 503);
        schedule.MapPost("/resume", ResumeAsync).WithSummary("Lets a paused schedule go on").WithDescription("With its next occurrence after now. No body is needed.").Produces<ScheduleAnswer>().WithProblems(400, 404, 503);
        schedule.MapPost("/reset", ResetAsync).WithSummary("Takes an operator's change back").WithDescription("What code or configuration says holds again. No body is needed.").Produces<ScheduleAnswer>().WithProblems(400, 404, 503);
        schedule.MapPost("/trigger", TriggerAsync).WithSummary("Enqueues its work now").WithDescription("Beside its occurrences, also while it is paused. A body `{\"nonce\"}` is not needed; the same nonce enqueues once.")
            .Accepts<TriggerBody>("application/json").Produces<ScheduleOccurrence>(StatusCodes.Status202Accepted).WithProblems(400, 404, 413, 415, 429, 503);
        schedule.MapPost("/backfill", BackfillAsync).WithSummary("Enqueues occurrences of the past").WithDescription("Those from `from` to before `to` that are not there, at most 1,000; with `dryRun` they are only listed.")
            .Accepts<BackfillBody>("application/json").Produces<BackfillResult>(StatusCodes.Status202Accepted).WithProblems(400, 404, 413, 415, 429, 503);
        schedule.MapGet("/preview", NextAsync).WithSummary("Says when it is due next").WithDescription("`count` is 1 to 1,000, 10 unless said.").Produces<NextAnswer>().WithProblems(400, 404, 503);
        schedule.MapDelete("", DeleteAsync).WithSummary("Removes a schedule").WithDescription("Jobs that it has enqueued stay. One that code or configuration declares comes back when a silo starts.").Produces(StatusCodes.Status204NoContent).WithProblems(400, 404, 503);
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, IJobClient jobs, CancellationToken cancellationToken) =>
        Answer(http, await jobs.Schedules.GetAsync(id, cancellationToken) ?? throw new UnknownScheduleException(id));

    private static async Task<IResult> PutAsync(string id, HttpContext http, IJobClient jobs, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadJsonAsync(http.Request, cancellationToken);
        var read = Same(id, ScheduleBody.Read(body.RootElement));
        var request = read.ReadWhole(hasWork: true);
        return Answer(http, await jobs.Schedules.UpdateAsync(id, request, ETag(http, read), cancellationToken));
    }

    private static async Task<IResult> PatchAsync(string id, HttpContext http, IJobClient jobs, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadJsonAsync(http.Request, cancellationToken);
        var read = Same(id, ScheduleBody.Read(body.RootElement));
        var known = await jobs.Schedules.GetAsync(id, cancellationToken) ?? throw new UnknownScheduleException(id);
        var request = read.ReadChange(known, body.RootElement);
        return Answer(http, await jobs.Schedules.UpdateAsync(id, request, ETag(http, read) ?? known.ETag, cancellationToken));
    }

    private static async Task<IResult> PauseAsync(string id, HttpContext http, IJobClient jobs, CancellationToken cancellationToken) => Answer(http, await jobs.Schedules.PauseAsync(id, cancellationToken));

    private static async Task<IResult> ResumeAsync(string id, HttpContext http, IJobClient jobs, CancellationToken cancellationToken) => Answer(http, await jobs.Schedules.ResumeAsync(id, cancellationToken));

    private static async Task<IResult> ResetAsync(string id, HttpContext http, IJobClient jobs, CancellationToken cancellationToken) => Answer(http, await jobs.Schedules.ResetAsync(id, cancellationToken));

    private static async Task<IResult> TriggerAsync(string id, HttpContext http, IJobClient jobs, CancellationToken cancellationToken)
    {
        var nonce = default(string);
        if (http.Request.ContentLength is > 0 || http.Request.Headers.TransferEncoding.Count > 0)
        {
            using var body = await RequestBody.ReadJsonAsync(http.Request, cancellationToken);
            nonce = StrictReader.Read<TriggerBody>(body.RootElement, path: "").Nonce;
        }

        var occurrence = await jobs.Schedules.TriggerAsync(id, nonce, cancellationToken);
        return TypedResults.Accepted($"/api/{(occurrence.JobId!.Contains('~', StringComparison.Ordinal) ? "jobs" : "flows")}/{occurrence.JobId}", occurrence);
    }

    private static async Task<IResult> BackfillAsync(string id, HttpContext http, IJobClient jobs, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadJsonAsync(http.Request, cancellationToken);
        var read = StrictReader.Read<BackfillBody>(body.RootElement, path: "");
        return TypedResults.Accepted((string?)null, await jobs.Schedules.BackfillAsync(id, read.From, read.To, read.DryRun ?? false, cancellationToken));
    }

    private static async Task<IResult> NextAsync(string id, IJobClient jobs, CancellationToken cancellationToken, string? count = null) =>
        TypedResults.Ok(new NextAnswer(await jobs.Schedules.PreviewAsync(id, QueryNumber.Read("count", count, SchedulesApi.DefaultCount, ScheduleClient.MaxPreviewed), cancellationToken)));

    private static async Task<IResult> DeleteAsync(string id, IJobClient jobs, CancellationToken cancellationToken) =>
        await jobs.Schedules.DeleteAsync(id, cancellationToken) ? TypedResults.NoContent() : throw new UnknownScheduleException(id);

    private static ScheduleBody Same(string id, ScheduleBody body) => body.Id is null || body.Id == id
        ? body
        : throw RequestRefusedException.BadRequest($"id must be the one of the path, '{JobRequest.Shorten(id)}', got '{JobRequest.Shorten(body.Id)}'; leave it out.");

    private static string? ETag(HttpContext http, ScheduleBody body) => http.Request.Headers[HeaderNames.IfMatch].ToString() is { Length: > 0 } match and not "*" ? match.Trim().Trim('"') : body.Etag;

    private static Ok<ScheduleAnswer> Answer(HttpContext http, ScheduleInfo schedule) => TypedResults.Ok(SchedulesApi.Tagged(http, schedule));
}
