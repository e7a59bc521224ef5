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

/// <summary><c>/api/schedules</c>.</summary>
internal static class SchedulesApi
{
    private const int DefaultCount = 10;
    private const int MaxCount = 1_000;

    public static void MapSchedules(this RouteGroupBuilder api) => api.MapGroup("/schedules").WithTags("Schedules")
        .MapPost("/preview", PreviewAsync).WithSummary("Says when something would be due")
        .WithDescription("One of `cron` (with `timeZone`), `every` (a duration such as `5m`, with `aligned`), `at` and `solar`. The occurrences are strictly later than `after`. Nothing is stored.")
        .Accepts<PreviewBody>("application/json").Produces<PreviewAnswer>().WithProblems(400, 413, 415, 503);

    private static async Task<IResult> PreviewAsync(HttpContext http, TimeProvider time, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadJsonAsync(http.Request, cancellationToken);
        var preview = StrictReader.Read<PreviewBody>(body.RootElement, path: "");
        var timetable = Timetable.Of(preview.Read());
        if (preview.Count is < 1 or > MaxCount)
        {
            throw RequestRefusedException.BadRequest($"count must be 1..{MaxCount}, got {preview.Count}; ask again from the last one.");
        }

        var after = preview.After ?? time.GetUtcNow();
        return TypedResults.Ok(new PreviewAnswer([.. timetable.Occurrences(after, after).Take(preview.Count ?? DefaultCount)], timetable.ToString()));
    }
}
