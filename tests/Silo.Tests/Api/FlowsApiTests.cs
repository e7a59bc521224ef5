using System.Text;
using Krewe.Flows;
using Xunit;

namespace Krewe.Silo.Tests.Api;

public sealed class FlowsApiTests : IAsyncLifetime
{
    private const string Job = """{"job":"a.b","args":{}}""";

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Enqueue_WhenFlowIsGood_Answers202WithId()
    {
        var answer = await _server.PostAsync("/api/flows", $$"""{"chain":[{{Job}}]}""");

        Assert.Equal((202, """{"id":"flow-1","existing":false}"""), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task Enqueue_WhenFlowIsThere_SaysExisting()
    {
        _server.Jobs.IsExisting = true;

        var answer = await _server.PostAsync("/api/flows", $$"""{"group":[],"id":"mine"}""");

        Assert.Equal((202, """{"id":"mine","existing":true}"""), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData(Job, "chain(job:a.b)")]
    [InlineData("""{"job":"a.b","args":{},"onError":{"job":"a.b","args":{}}}""", "chain(job:a.b(!job:a.b))")]
    [InlineData("""{"chain":[J,J]}""", "chain(job:a.b job:a.b)")]
    [InlineData("""{"group":[J,{"chain":[J]},{"group":[]}]}""", "group(job:a.b chain(job:a.b) group())")]
    [InlineData("""{"chord":{"header":[J,J],"body":J}}""", "chord(group(job:a.b job:a.b) job:a.b)")]
    [InlineData("""{"chord":{"header":[],"body":{"chord":{"header":[J],"body":{"group":[J]}}}}}""", "chord(group() chord(group(job:a.b) group(job:a.b)))")]
    [InlineData("""{"chain":[{"group":[J]},J],"onSuccess":[J,{"chain":[J]}],"onError":J}""", "chain(+job:a.b +chain(job:a.b) !job:a.b group(job:a.b) job:a.b)")]
    [InlineData("""{"chord":{"header":[{"group":[J],"onError":J}],"body":J},"onSuccess":J}""", "chord(+job:a.b group(group(!job:a.b job:a.b)) job:a.b)")]
    [InlineData("""{"GROUP":[J],"OnError":[J],"onSuccess":null,"chain":null}""", "group(!job:a.b job:a.b)")]
    public async Task Enqueue_OfEveryShape_SendsItsTree(string json, string tree)
    {
        var answer = await _server.PostAsync("/api/flows", json.Replace("J", Job, StringComparison.Ordinal));

        Assert.Equal((202, tree), (answer.Status, Assert.Single(_server.Jobs.Flows).Text));
    }

    [Fact]
    public async Task Enqueue_WhenTheRootHasOptions_ReadsThemAll()
    {
        var answer = await _server.PostAsync("/api/flows", """
            {"group":[{"job":"a.b","args":{"x":1},"options":{"priority":7,"delay":"5s","id":"own"}}],"Id":"f-1","name":"Nightly \"report\"","headers":{"k":"v"},"cancelOnFailure":true}
            """);

        Assert.Equal(202, answer.Status);
        var (_, nodes, options) = Assert.Single(_server.Jobs.Flows);
        Assert.Equal(("f-1", "Nightly \"report\"", "v", true), (options!.Id, options.Name, options.Headers!["k"], options.CancelOnFailure));
        var job = nodes[1].Job!;
        Assert.Equal(("own", 7, TimeSpan.FromSeconds(5), """{"x":1}""", "v"), (job.Id, job.Priority, job.Delay, Encoding.UTF8.GetString(job.Args), job.Headers!["k"]));
    }

    [Fact]
    public async Task Enqueue_WhenANameWasNeverDeclared_Answers404()
    {
        var answer = await _server.PostAsync("/api/flows", $$$"""{"chain":[{{{Job}}},{"job":"a.c","args":{}}]}""");

        Assert.Equal((404, "No job named 'a.c' was ever declared; check the name against the handlers in GET /api/workers."), (answer.Status, answer.Detail));
        Assert.Empty(_server.Jobs.Flows);
    }

    private const string StepMembers = "job, args, options, chain, group, chord, onSuccess, onError";
    private const string RootMembers = $"{StepMembers}, id, name, headers, cancelOnFailure";

    public static TheoryData<string, string> Bad => new()
    {
        { "7", "At the flow: a step must be a JSON object with one of job, chain, group and chord, got number." },
        { "{}", "At the flow: a step must have one of job, chain, group and chord, got none." },
        { """{"chain":[J,7]}""", "At chain[1]: a step must be a JSON object with one of job, chain, group and chord, got number." },
        { """{"map":[J]}""", $"At the flow: a flow has no member 'map'; it knows {RootMembers}." },
        { """{"chain":[J,{"starmap":[J]}]}""", $"At chain[1]: a step has no member 'starmap'; it knows {StepMembers}." },
        { """{"chain":[J,{"$ref":"#"}]}""", $"At chain[1]: a step has no member '$ref'; it knows {StepMembers}." },
        { """{"chain":[{"$id":"1","group":[]}]}""", $"At chain[0]: a step has no member '$id'; it knows {StepMembers}." },
        { """{"chain":[{"chain":[J],"name":"inner"}]}""", $"At chain[0]: a step has no member 'name'; it knows {StepMembers}." },
        { """{"chain":[J],"group":[J]}""", "At the flow: a step must have one of job, chain, group and chord, got chain and group." },
        { """{"group":[J,{"job":"a.b","args":{},"chord":{}}]}""", "At group[1]: a step must have one of job, chain, group and chord, got job and chord." },
        { """{"chain":[J],"args":{}}""", "At the flow: 'args' must stand beside a job, got it beside chain; put it into the jobs that it is for." },
        { """{"group":[{"group":[J],"options":{}}]}""", "At group[0]: 'options' must stand beside a job, got it beside group; put it into the jobs that it is for." },
        { """{"chain":{}}""", "At the flow: chain must be an array of steps, got object." },
        { """{"chain":[]}""", "At the flow: a chain must have at least one step, got none." },
        { """{"group":[J,{"chain":[]}]}""", "At group[1]: a chain must have at least one step, got none." },
        { """{"group":"all"}""", "At the flow: group must be an array of steps, got the string \"all\"." },
        { """{"chord":[J]}""", "At the flow: chord must be a JSON object {\"header\",\"body\"}, got array." },
        { """{"chord":{"header":[J]}}""", "At the flow: a chord must have a body, got none; write a group where nothing is to run on the results." },
        { """{"chord":{"header":[J],"body":null}}""", "At the flow: a chord must have a body, got none; write a group where nothing is to run on the results." },
        { """{"chord":{"body":J}}""", "At the flow: header must be an array of steps, got nothing." },
        { """{"chord":{"header":[J],"body":J,"tail":J}}""", "At the flow: a chord has no member 'tail'; it knows header, body." },
        { """{"chain":[J,{"chord":{"header":[J,J,J,{"job":"a b","args":{}}],"body":J}}]}""", "At chain[1].header[3]: \"job\" must be a job's name, 1..100 of the characters A-Z a-z 0-9 . _ -, got the string \"a b\"." },
        { """{"chord":{"header":[],"body":{"job":"a.b"}}}""", "At body: \"args\" must be a JSON object, got nothing; write \"args\": {} for a job without args." },
        { """{"job":"a.b","args":[]}""", "At the flow: \"args\" must be a JSON object, got array; write \"args\": {} for a job without args." },
        { """{"chain":[{"job":"a.b","args":{},"options":{"prio":1}}]}""", "At chain[0]: options has no member 'prio'; it knows" },
        { """{"chain":[{"job":"a.b","args":{},"options":{"priority":"high"}}]}""", "At chain[0]: options.priority must be a whole number, got \"high\"." },
        { """{"chain":[{"job":"a.b","args":{},"options":{"priority":12}}]}""", "At chain[0]: Priority must be 0..9, got 12; 9 runs first." },
        { """{"chain":[{"job":"a.b","args":{},"options":{"queue":"nowhere"}}]}""", "nowhere" },
        { """{"group":[J],"onError":7}""", "At onError: a step must be a JSON object with one of job, chain, group and chord, got number." },
        { """{"chain":[{"group":[J],"onSuccess":[J,{}]}]}""", "At chain[0].onSuccess[1]: a step must have one of job, chain, group and chord, got none." },
        { """{"chain":[J],"Chain":[J]}""", "At the flow: 'Chain' must be given once, got it twice." },
        { """{"chain":[J],"chain":[J]}""", "The body must give every member once" },
        { """{"group":[{"job":"a.b","args":{},"options":{"id":"x"}},{"job":"a.b","args":{},"options":{"id":"x"}}]}""", "At group[1]: Id must be used once in a flow and queue, got 'x' a second time" },
        { """{"group":[],"id":7}""", "At the flow: id must be a string, got number; leave it out where there is nothing to say." },
        { """{"group":[],"name":[]}""", "At the flow: name must be a string, got array; leave it out where there is nothing to say." },
        { """{"group":[],"headers":[]}""", "At the flow: headers must be a JSON object of strings, got array." },
        { """{"group":[],"headers":{"k":1}}""", "At the flow: headers.k must be a string, got number; leave it out where there is nothing to say." },
        { """{"group":[],"cancelOnFailure":"yes"}""", "At the flow: cancelOnFailure must be true or false, got the string \"yes\"." },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Enqueue_WhenTreeIsBad_Answers400NamingThePlace(string json, string detail)
    {
        var answer = await _server.PostAsync("/api/flows", json.Replace("J", Job, StringComparison.Ordinal));

        Assert.Equal(400, answer.Status);
        Assert.Contains(detail, answer.Detail, StringComparison.Ordinal);
        Assert.Empty(_server.Jobs.Flows);
    }

    [Theory]
    [InlineData("""{"chain":[""", "]}", 64, 202)]
    [InlineData("""{"chain":[""", "]}", 65, 400)]
    [InlineData("""{"chain":[""", "]}", 400, 400)]
    [InlineData("""{"chord":{"header":[""", """],"body":{"job":"a.b","args":{}}}}""", 64, 202)]
    [InlineData("""{"chord":{"header":[""", """],"body":{"job":"a.b","args":{}}}}""", 65, 400)]
    public async Task Enqueue_WhenNestedDeep_TakesSixtyFourLevels(string open, string close, int levels, int status)
    {
        var answer = await _server.PostAsync("/api/flows", $"{string.Concat(Enumerable.Repeat(open, levels))}{Job}{string.Concat(Enumerable.Repeat(close, levels))}");

        Assert.Equal(status, answer.Status);
        Assert.True(status == 202 || answer.Detail.EndsWith(": a flow must have at most 64 levels, got more; flatten it, or let one of its jobs enqueue the rest as a flow of its own.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Enqueue_WhenNestedWithoutEnd_Answers400()
    {
        var answer = await _server.PostAsync("/api/flows", $"{string.Concat(Enumerable.Repeat("""{"chain":[""", 10_000))}{Job}{string.Concat(Enumerable.Repeat("]}", 10_000))}");

        Assert.Equal((400, "The body nests more than 1000 levels; args may nest 64, and so may flows."), (answer.Status, answer.Detail));
    }

    [Fact]
    public async Task Enqueue_WhenOneGroupHasTooManyMembers_Answers400()
    {
        var answer = await _server.PostAsync("/api/flows", $$"""{"chain":[{"group":[{{string.Join(',', Enumerable.Repeat("1", FlowNodeMaker.MaxJobs + 1))}}]}]}""");

        Assert.Equal(
            (400, "At chain[0]: a flow must have at most 1,000,000 jobs, got 1,000,001; split it into several flows, or give each job more to do."),
            (answer.Status, answer.Detail));
    }

    [Fact]
    public async Task Enqueue_WhenAllGroupsTogetherHaveTooManyMembers_Answers400()
    {
        var half = new StringBuilder(Job);
        half.Insert(0, $"{Job},", (FlowNodeMaker.MaxJobs / 2) - 1);

        var answer = await _server.PostAsync("/api/flows", $$"""{"group":[{"group":[{{half}}]},{"group":[{{half}}]},{{Job}}]}""");

        Assert.Equal((400, "At group[2]: a flow must have at most 1,000,000 jobs, got more; split it into several flows, or give each job more to do."), (answer.Status, answer.Detail));
    }

    [Theory]
    [MemberData(nameof(JobsApiTests.Failures), MemberType = typeof(JobsApiTests))]
    public async Task Enqueue_WhenClientFails_AnswersItsStatus(Exception failure, int status, string? retryAfter)
    {
        _server.Jobs.Failure = failure;

        var answer = await _server.PostAsync("/api/flows", $$"""{"group":[{{Job}}]}""");

        Assert.Equal((status, retryAfter), (answer.Status, answer.RetryAfter));
    }

    [Theory]
    [InlineData("/api/flows", null, 50)]
    [InlineData("/api/flows?after=&limit=", null, 50)]
    [InlineData("/api/flows?after=c-1&limit=200", "c-1", 200)]
    public async Task List_WhenAsked_AnswersAPage(string path, string? after, int limit)
    {
        var error = new FlowError("default~0~f.1", "a.b", "A.B", "no", 2);
        _server.Jobs.AddFlow(JobState.Failed).Info = _server.Jobs.KnownFlows["f"].Info! with { Error = error, Name = "n", FinishedAt = new(2026, 11, 23, 8, 0, 1, TimeSpan.Zero), Run = 2 };

        var answer = await _server.GetAsync(path);

        Assert.Equal(200, answer.Status);
        Assert.Equal(
            """{"flows":[{"id":"f","name":"n","state":"Failed","createdAt":"2026-11-23T08:00:00+00:00","finishedAt":"2026-11-23T08:00:01+00:00","error":{"jobId":"default~0~f.1","jobName":"a.b","errorType":"A.B","message":"no","attempt":2},"run":2}],"next":"next-1"}""",
            answer.Body);
        Assert.Equal((after, limit), Assert.Single(_server.Jobs.FlowQueries));
    }

    [Theory]
    [InlineData("limit=0", "limit must be 1..200, got '0'.")]
    [InlineData("limit=201", "limit must be 1..200, got '201'.")]
    [InlineData("limit=x", "limit must be 1..200, got 'x'.")]
    public async Task List_WhenQueryIsBad_Answers400(string query, string detail)
    {
        var answer = await _server.GetAsync($"/api/flows?{query}");

        Assert.Equal((400, detail), (answer.Status, answer.Detail));
    }

    [Fact]
    public async Task List_WhenCursorIsNone_Answers400()
    {
        _server.Jobs.Failure = JobQuery.NotACursor();

        var answer = await _server.GetAsync("/api/flows?after=nonsense");

        Assert.Equal((400, "The cursor 'after' is not one that a page gave; take it from the page before, unchanged."), (answer.Status, answer.Detail));
    }
}
