using Krewe.Schedules;

namespace Krewe.Api;

/// <summary>Asks when something would be due.</summary>
/// <param name="After">The occurrences are strictly later; absent: now. Intervals that are not aligned are counted from it.</param>
/// <param name="Count">How many, 1 to 1,000; absent: 10.</param>
/// <inheritdoc cref="RecurrenceBody"/>
internal sealed record PreviewBody(
    string? Cron = null, string? TimeZone = null, TimeSpan? Every = null, bool? Aligned = null, DateTimeOffset? At = null, SolarBody? Solar = null, DateTimeOffset? After = null, int? Count = null)
    : RecurrenceBody(Cron, TimeZone, Every, Aligned, At, Solar);

/// <summary>When something would be due.</summary>
/// <param name="Occurrences">In order, with the offsets of the time zone; fewer than asked for where it ends.</param>
/// <param name="Text">The same in plain words.</param>
internal sealed record PreviewAnswer(IReadOnlyList<DateTimeOffset> Occurrences, string Text);

/// <summary><c>/api/schedules</c>: make one, list, preview a recurrence.</summary>
internal static class SchedulesApi
{
    /// <summary>Due instants that a preview tells where nobody says how many.</summary>
    public const int DefaultCount = 10;

    private const int DefaultLimit = 100;

    public static void MapSchedules(this RouteGroupBuilder api)
    {
        var schedules = api.MapGroup("/schedules").WithTags("Schedules");
        schedules.MapPost("", CreateAsync).WithSummary("Makes a schedule")
            .WithDescription("One of `cron` (with `timeZone`), `every` (a duration such as `5m`, with `aligned`), `at` and `solar`; and one of `job` (with `args` and `options`) and `flow`. 201 means that it is durable; an id that is there is a 409.")
            .Accepts<ScheduleBody>("application/json").Produces<ScheduleAnswer>(StatusCodes.Status201Created).WithProblems(400, 404, 409, 413, 415, 429, 503);
        schedules.MapGet("", ListAsync).WithSummary("Lists schedules")
            .WithDescription($"A page of 1 to {ScheduleClient.MaxListed} schedules (`limit`, {DefaultLimit} unless said), by id; `next` is the `after` of the next page, null at the end.")
            .Produces<ScheduleListAnswer>().WithProblems(400, 503);
        schedules.MapPost("/preview", PreviewAsync).WithSummary("Says when something would be due")
            .WithDescription("One of `cron` (with `timeZone`), `every` (a duration such as `5m`, with `aligned`), `at` and `solar`. The occurrences are strictly later than `after`. Nothing is stored.")
            .Accepts<PreviewBody>("application/json").Produces<PreviewAnswer>().WithProblems(400, 413, 415, 503);
    }

    /// <summary>What a schedule is, with its etag as a header too.</summary>
    public static ScheduleAnswer Tagged(HttpContext http, ScheduleInfo schedule)
    {
        http.Response.Headers.ETag = $"\"{schedule.ETag}\"";
        return ScheduleAnswer.Of(schedule);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, IJobClient jobs, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadJsonAsync(http.Request, cancellationToken);
        var read = ScheduleBody.Read(body.RootElement);
        var id = ScheduleChecks.Id(read.Id ?? "");
        if (read.Etag is not null)
        {
            throw RequestRefusedException.BadRequest("etag must be left out of a new schedule; change one that is there with PUT.");
        }

        var request = read.ReadWhole(hasWork: false);
        var schedule = await jobs.Schedules.CreateAsync(id, request.Recurrence!, request.Work!, request.Options!, cancellationToken);
        return TypedResults.Created($"/api/schedules/{id}", Tagged(http, schedule));
    }

    private static async Task<IResult> ListAsync(IJobClient jobs, CancellationToken cancellationToken, string? after = null, string? limit = null)
    {
        var page = await jobs.Schedules.ListAsync(string.IsNullOrEmpty(after) ? null : after, QueryNumber.Read("limit", limit, DefaultLimit, ScheduleClient.MaxListed), cancellationToken);
        return TypedResults.Ok(new ScheduleListAnswer([.. page.Schedules.Select(ScheduleAnswer.Of)], page.Next));
    }

    private static async Task<IResult> PreviewAsync(HttpContext http, TimeProvider time, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadJsonAsync(http.Request, cancellationToken);
        var preview = StrictReader.Read<PreviewBody>(body.RootElement, path: "");
        var timetable = Timetable.Of(preview.Read());
        if (preview.Count is < 1 or > ScheduleClient.MaxPreviewed)
        {
            throw RequestRefusedException.BadRequest($"count must be 1..{ScheduleClient.MaxPreviewed}, got {preview.Count}; ask again from the last one.");
        }

        var after = preview.After ?? time.GetUtcNow();
        return TypedResults.Ok(new PreviewAnswer([.. timetable.Occurrences(after, after).Take(preview.Count ?? DefaultCount)], timetable.ToString()));
    }
}
