using System.Text.Json;

namespace Krewe.Api;

/// <summary><c>/api/jobs</c>: enqueue one, enqueue many, list.</summary>
internal static class JobsApi
{
    private const int MaxLimit = 500;

    /// <summary>Jobs of one bulk.</summary>
    public const int MaxBulk = 10_000;

    // Calls under way at a time; the client gathers them into few store calls.
    private const int BulkWindow = 1_000;

    private static readonly Problem NotAsked = new(StatusCodes.Status503ServiceUnavailable, "The store did not take a job before this one. Nothing was stored of this one; enqueue it again later.");

    public static void MapJobs(this RouteGroupBuilder api)
    {
        var jobs = api.MapGroup("/jobs").WithTags("Jobs");
        jobs.MapPost("", EnqueueAsync).WithSummary("Enqueues a job")
            .WithDescription("202 means that the job is durable. `job` is a name that some silo has a handler for, `args` a JSON object, `options` are optional; durations are \"00:00:05\" or \"5s\", instants ISO 8601 with an offset.")
            .Accepts<JobRequest>("application/json").Produces<EnqueueAnswer>(StatusCodes.Status202Accepted)
            .WithProblems(400, 404, 409, 413, 415, 429, 503);
        jobs.MapPost("/bulk", EnqueueManyAsync).WithSummary("Enqueues many jobs")
            .WithDescription($"An array of at most {MaxBulk} jobs, each as in POST /api/jobs. The answers are in the same order; some jobs may be refused while others are durable; `Retry-After` is there when some of them may be taken later (429, 503).")
            .Accepts<JobRequest[]>("application/json").Produces<BulkAnswer[]>(StatusCodes.Status202Accepted)
            .WithProblems(400, 413, 415);
        jobs.MapGet("", ListAsync).WithSummary("Lists jobs")
            .WithDescription("A page of jobs; `next` is the `after` of the next page, null at the end. `name` filters each page, which may then be short or empty while more follow.")
            .Produces<JobPage>().WithProblems(400, 503);
    }

    private static async Task<IResult> EnqueueAsync(HttpContext http, IJobClient jobs, DeclaredNames names, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadJsonAsync(http.Request, cancellationToken);
        var answer = await AddAsync(body.RootElement, jobs, names, cancellationToken);
        return TypedResults.Accepted($"/api/jobs/{answer.Id}", answer);
    }

    private static async Task<IResult> EnqueueManyAsync(HttpContext http, IJobClient jobs, DeclaredNames names, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadJsonAsync(http.Request, cancellationToken);
        if (body.RootElement.ValueKind != JsonValueKind.Array || body.RootElement.GetArrayLength() > MaxBulk)
        {
            throw RequestRefusedException.BadRequest(body.RootElement.ValueKind == JsonValueKind.Array
                ? $"A bulk may have {MaxBulk} jobs, got {body.RootElement.GetArrayLength()}; send several."
                : $"A bulk must be a JSON array of jobs, got {body.RootElement.ValueKind.ToString().ToLowerInvariant()}.");
        }

        var answers = new List<BulkAnswer>(body.RootElement.GetArrayLength());
        foreach (var window in body.RootElement.EnumerateArray().Chunk(BulkWindow))
        {
            // A store that is away is not waited for once more.
            answers.AddRange(answers.Exists(static answer => answer.Error?.Status == StatusCodes.Status503ServiceUnavailable)
                ? Enumerable.Repeat(new BulkAnswer(null, null, NotAsked.Details()), window.Length)
                : await Task.WhenAll(window.Select(job => TryAddAsync(job, http, jobs, names, cancellationToken))));
        }

        return TypedResults.Accepted((string?)null, answers);
    }

    private static async Task<BulkAnswer> TryAddAsync(JsonElement job, HttpContext http, IJobClient jobs, DeclaredNames names, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await AddAsync(job, jobs, names, cancellationToken);
            return new(answer.Id, answer.Existing, null);
        }
        catch (Exception exception) when (Problem.From(exception) is not null)
        {
            var problem = Problem.From(exception)!;
            lock (http)
            {
                problem.SayWhenToRetry(http); // Jobs of one bulk end side by side.
            }

            return new(null, null, problem.Details());
        }
    }

    private static async Task<EnqueueAnswer> AddAsync(JsonElement element, IJobClient jobs, DeclaredNames names, CancellationToken cancellationToken)
    {
        var request = JobRequest.Read(element);
        await names.RequireAsync(request.Job, cancellationToken);
        var handle = await jobs.EnqueueAsync(request.Job, request.Args, request.Options, cancellationToken);
        return new(handle.Id, handle.IsExisting);
    }

    private static async Task<IResult> ListAsync(
        IJobClient jobs, CancellationToken cancellationToken, string? state = null, string? queue = null, string? name = null, string? after = null, string? limit = null)
    {
        var query = new JobQuery { State = ReadState(state), Queue = Blank(queue), Name = Blank(name), After = Blank(after), Limit = QueryNumber.Read("limit", limit, new JobQuery().Limit, MaxLimit) };
        return TypedResults.Ok(await jobs.Queues.ListJobsAsync(query, cancellationToken));
    }

    private static JobState? ReadState(string? text) => string.IsNullOrEmpty(text)
        ? null
        : char.IsAsciiLetter(text[0]) && !text.Contains(',') && Enum.TryParse<JobState>(text, ignoreCase: true, out var state)
            ? state
            : throw RequestRefusedException.BadRequest($"state must be one of {string.Join(", ", Enum.GetNames<JobState>())}, got '{text}'.");

    private static string? Blank(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
