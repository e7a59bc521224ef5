using System.Text.Json;
using Krewe.Api;
using Xunit;

namespace Krewe.Silo.Tests.Api;

public sealed class JobsApiTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Enqueue_WhenJobIsGood_Answers202WithId()
    {
        var answer = await _server.PostAsync("/api/jobs", """{"job":"a.b","args":{"x":1}}""");

        Assert.Equal(202, answer.Status);
        Assert.Equal("""{"id":"default~0~1","existing":false}""", answer.Body);
        Assert.Equal(("a.b", """{"x":1}""", null), Assert.Single(_server.Jobs.Enqueued));
    }

    [Fact]
    public async Task Enqueue_WhenJobIsThere_SaysExisting()
    {
        _server.Jobs.IsExisting = true;

        var answer = await _server.PostAsync("/api/jobs", """{"job":"a.b","args":{}}""");

        Assert.Equal((202, """{"id":"default~0~1","existing":true}"""), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task Enqueue_WhenMemberNamesAreInOtherCase_ReadsThem()
    {
        var answer = await _server.PostAsync("/api/jobs", """{"Job":"a.b","ARGS":{},"Options":{"PRIORITY":7}}""");

        Assert.Equal(202, answer.Status);
        Assert.Equal(7, _server.Jobs.Enqueued[0].Options!.Priority);
    }

    [Fact]
    public async Task Enqueue_WhenEveryOptionIsSet_ReadsThemAll()
    {
        var answer = await _server.PostAsync("/api/jobs", """
            {"job":"a.b","args":{},"options":{"queue":"low","priority":9,"delay":"5s","notBefore":"2026-01-31T12:00:00Z","expiresAt":"2026-01-31T13:00:00+01:00","expiresIn":"00:00:05",
             "id":"i","uniqueKey":"u","uniqueFor":"1h30m","maxRetries":2,"softTimeLimit":"1.5s","timeLimit":"250ms","headers":{"k":"v"},"resultTtl":"1.00:00:00","ignoreResult":true,"delivery":"AtMostOnce",
             "retry":{"kind":"list","base":"1s","cap":"10m","delays":["1s","2m"],"jitter":"none","retryOn":["A.B"],"dontRetryOn":["C"]}}}
            """);

        Assert.Equal(202, answer.Status);
        var options = _server.Jobs.Enqueued[0].Options!;
        Assert.Equal(
            new EnqueueOptions
            {
                Queue = "low", Priority = 9, Delay = TimeSpan.FromSeconds(5), NotBefore = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero), ExpiresAt = new(2026, 1, 31, 13, 0, 0, TimeSpan.FromHours(1)),
                ExpiresIn = TimeSpan.FromSeconds(5), Id = "i", UniqueKey = "u", UniqueFor = TimeSpan.FromMinutes(90), MaxRetries = 2, SoftTimeLimit = TimeSpan.FromSeconds(1.5),
                TimeLimit = TimeSpan.FromMilliseconds(250), ResultTtl = TimeSpan.FromDays(1), IgnoreResult = true, Delivery = Delivery.AtMostOnce,
            },
            options with { Headers = null, Retry = null });
        Assert.Equal("v", options.Headers!["k"]);
        var retry = options.Retry!;
        Assert.Equal((Backoff.List, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), Jitter.None), (retry.Kind, retry.Base, retry.Cap, retry.Jitter));
        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2)], retry.Delays);
        Assert.Equal(["A.B"], retry.RetryOn);
        Assert.Equal(["C"], retry.DontRetryOn);
    }

    [Fact]
    public async Task Enqueue_WhenNameWasNeverDeclared_Answers404()
    {
        var answer = await _server.PostAsync("/api/jobs", """{"job":"a.c","args":{}}""");

        Assert.Equal(404, answer.Status);
        Assert.Equal("No job named 'a.c' was ever declared; check the name against the handlers in GET /api/workers.", answer.Detail);
        Assert.Empty(_server.Jobs.Enqueued);
    }

    [Fact]
    public async Task Enqueue_WhenTheCatalogueMoves_WaitsForIt()
    {
        _server.Grains.CatalogueFailures = 2;

        Assert.Equal(202, (await _server.PostAsync("/api/jobs", """{"job":"a.b","args":{}}""")).Status);

        Assert.Equal(3, _server.Grains.Asked);
    }

    public static TheoryData<Exception, int, string?> Failures => new()
    {
        { new InvalidJobException("no"), 400, null },
        { new UnknownQueueException("q"), 400, null },
        { new JobIdConflictException("default~0~x"), 409, null },
        { new PayloadTooLargeException("args", 2, 1), 413, null },
        { new QueueFullException("q"), 429, "5" },
        { new StoreUnavailableException("away"), 503, "5" },
        { new TimeoutException("secret"), 503, "5" },
        { new SiloUnavailableException("secret"), 503, "5" },
        { new InvalidOperationException("secret"), 500, null },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Enqueue_WhenClientFails_AnswersItsStatus(Exception failure, int status, string? retryAfter)
    {
        _server.Jobs.Failure = failure;

        var answer = await _server.PostAsync("/api/jobs", """{"job":"a.b","args":{}}""");

        Assert.Equal((status, retryAfter), (answer.Status, answer.RetryAfter));
        Assert.DoesNotContain("secret", answer.Detail, StringComparison.Ordinal);
        if (failure is KreweException)
        {
            Assert.Equal(failure.Message, answer.Detail);
        }
    }

    [Fact]
    public async Task Enqueue_WhenJobMayHaveBeenStored_NamesIt()
    {
        _server.Jobs.Failure = new StoreUnavailableException("away") { MaybeStoredIds = ["default~0~9"] };

        var answer = await _server.PostAsync("/api/jobs", """{"job":"a.b","args":{}}""");

        Assert.Equal("default~0~9", answer.Json.GetProperty("maybeStoredIds")[0].GetString());
    }

    [Fact]
    public async Task EnqueueMany_WhenSomeAreBad_AnswersEach()
    {
        var answer = await _server.PostAsync("/api/jobs/bulk", """[{"job":"a.b","args":{}},{"job":"a.c","args":{}},7,{"job":"a.b","args":{},"options":{"prio":1}}]""");

        Assert.Equal(202, answer.Status);
        var items = answer.Json.EnumerateArray().ToList();
        Assert.Equal("""{"id":"default~0~1","existing":false}""", items[0].GetRawText());
        Assert.Equal([404, 400, 400], items[1..].Select(item => item.GetProperty("error").GetProperty("status").GetInt32()));
        Assert.Equal("A job must be a JSON object {\"job\",\"args\",\"options\"?}, got number.", items[2].GetProperty("error").GetProperty("detail").GetString());
    }

    [Fact]
    public async Task EnqueueMany_WhenThousands_AnswersInOrder()
    {
        var jobs = Enumerable.Range(0, 2_500).Select(number => new { job = number % 2 == 0 ? "a.b" : "a.c", args = new { number } });

        var answer = await _server.PostAsync("/api/jobs/bulk", JsonSerializer.Serialize(jobs));

        Assert.Equal(202, answer.Status);
        var items = answer.Json.EnumerateArray().ToList();
        Assert.Equal(2_500, items.Count);
        Assert.All(items, (item, index) => Assert.Equal(index % 2 == 0, item.TryGetProperty("id", out _)));
    }

    [Theory]
    [InlineData("{}", "A bulk must be a JSON array of jobs, got object.")]
    [InlineData("7", "A bulk must be a JSON array of jobs, got number.")]
    public async Task EnqueueMany_WhenNoArray_Answers400(string json, string detail) => Assert.Equal((400, detail), await Refusal("/api/jobs/bulk", json));

    [Fact]
    public async Task EnqueueMany_WhenTooMany_Answers400()
    {
        var json = $"[{string.Join(',', Enumerable.Repeat("1", JobsApi.MaxBulk + 1))}]";

        Assert.Equal((400, "A bulk may have 10000 jobs, got 10001; send several."), await Refusal("/api/jobs/bulk", json));
    }

    [Fact]
    public async Task List_WhenFiltered_AsksForThat()
    {
        _server.Jobs.Add(JobState.Failed);

        var answer = await _server.GetAsync("/api/jobs?state=failed&queue=low&name=a.b&after=c&limit=500");

        Assert.Equal(200, answer.Status);
        Assert.Equal(new JobQuery { State = JobState.Failed, Queue = "low", Name = "a.b", After = "c", Limit = 500 }, Assert.Single(_server.Jobs.Queries));
        Assert.Equal("next-1", answer.Json.GetProperty("next").GetString());
        Assert.Equal("Failed", answer.Json.GetProperty("jobs")[0].GetProperty("state").GetString());
    }

    [Fact]
    public async Task List_WhenNothingIsSaid_AsksForTheFirstFifty()
    {
        Assert.Equal(200, (await _server.GetAsync("/api/jobs?state=&limit=")).Status);
        Assert.Equal(new JobQuery(), Assert.Single(_server.Jobs.Queries));
    }

    [Theory]
    [InlineData("state=Gone", "state must be one of Scheduled, Queued, Running, Retrying, Waiting, Succeeded, Failed, Cancelled, Expired, got 'Gone'.")]
    [InlineData("state=6", "state must be one of Scheduled, Queued, Running, Retrying, Waiting, Succeeded, Failed, Cancelled, Expired, got '6'.")]
    [InlineData("limit=0", "limit must be 1..500, got '0'.")]
    [InlineData("limit=501", "limit must be 1..500, got '501'.")]
    [InlineData("limit=x", "limit must be 1..500, got 'x'.")]
    public async Task List_WhenQueryIsBad_Answers400(string query, string detail)
    {
        var answer = await _server.GetAsync($"/api/jobs?{query}");

        Assert.Equal((400, detail), (answer.Status, answer.Detail));
    }

    private async Task<(int Status, string Detail)> Refusal(string path, string json)
    {
        var answer = await _server.PostAsync(path, json);
        return (answer.Status, answer.Detail);
    }
}
