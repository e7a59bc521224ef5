using System.Text.Json;
using Krewe.Api;
using Xunit;

namespace Krewe.Silo.Tests.Api;

public sealed class FlowApiTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Get_WhenFlowRuns_TellsItsStory()
    {
        var flow = _server.Jobs.AddFlow(JobState.Running).With(-1, "chain", JobState.Running).With(0, "job", JobState.Succeeded).With(0, "job");
        flow.Info = flow.Info! with { Name = "n", Counts = new FlowCounts { Total = 2, Waiting = 1, Succeeded = 1 }, ParentId = "default~0~p" };

        var answer = await _server.GetAsync("/api/flows/f");

        Assert.Equal(200, answer.Status);
        Assert.Equal(
            """
            {"id":"f","name":"n","state":"Running","error":null,"reason":null,"counts":{"total":2,"waiting":1,"running":0,"succeeded":1,"failed":0,"cancelled":0,"expired":0,"done":1},"createdAt":"2026-11-23T08:00:00+00:00","finishedAt":null,"run":1,"parentId":"default~0~p","isSealed":true,"criticalPath":["default~0~f.1"],"tree":{"kind":"chain","role":"member","state":"Running","jobId":null,"jobName":null,"children":[{"kind":"job","role":"member","state":"Succeeded","jobId":"default~0~f.1","jobName":"a.b","children":[],"callbacks":[]},{"kind":"job","role":"member","state":"Waiting","jobId":"default~0~f.2","jobName":"a.b","children":[],"callbacks":[]}],"callbacks":[]}}
            """.Trim(),
            answer.Body);
    }

    [Fact]
    public async Task Get_WhenFlowFailed_TellsTheErrorAndTheReason()
    {
        var flow = _server.Jobs.AddFlow(JobState.Failed);
        flow.Info = flow.Info! with { Error = new FlowError("default~0~f.1", "a.b", "A.B", "no", 3), Reason = "why" };

        var json = (await _server.GetAsync("/api/flows/f")).Json;

        Assert.Equal(("A.B", 3, "why"), (json.GetProperty("error").GetProperty("errorType").GetString(), json.GetProperty("error").GetProperty("attempt").GetInt32(), json.GetProperty("reason").GetString()));
        Assert.False(json.TryGetProperty("result", out _));
        Assert.Equal(JsonValueKind.Null, json.GetProperty("tree").ValueKind);
    }

    [Theory]
    [InlineData("""{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("null", "null")]
    [InlineData("", "null")]
    [InlineData("[1,|2]", "[1,2]")]
    public async Task Get_WhenFlowSucceeded_HasItsResultAsJson(string pages, string result)
    {
        _server.Jobs.AddFlow(JobState.Succeeded);
        _server.Grains.Results["f"] = pages.Split('|');

        var json = (await _server.GetAsync("/api/flows/f")).Json;

        Assert.Equal(result, json.GetProperty("result").GetRawText());
        Assert.False(json.TryGetProperty("resultTooLarge", out _));
    }

    [Theory]
    [InlineData(FlowResultReader.MaxBytes, true)]
    [InlineData(FlowResultReader.MaxBytes + 1, false)]
    public async Task Get_WhenResultIsLarge_LeavesItOutAndSaysSo(int bytes, bool isThere)
    {
        _server.Jobs.AddFlow(JobState.Succeeded);
        _server.Grains.Results["f"] = [$"\"{new string('x', bytes - 2)}", "\""];

        var json = (await _server.GetAsync("/api/flows/f")).Json;

        Assert.Equal((isThere, !isThere), (json.TryGetProperty("result", out _), json.TryGetProperty("resultTooLarge", out var tooLarge) && tooLarge.GetBoolean()));
    }

    [Fact]
    public async Task Get_WhenAPartOfTheResultWasRemoved_SaysSo()
    {
        _server.Jobs.AddFlow(JobState.Succeeded);
        _server.Grains.Failure = new ResultGoneException("default~0~f.1", isKnown: true);

        var json = (await _server.GetAsync("/api/flows/f")).Json;

        Assert.True(json.GetProperty("resultGone").GetBoolean());
        Assert.False(json.TryGetProperty("result", out _));
    }

    [Fact]
    public async Task Get_OfAChordWithCallbacks_NestsWhatBelongsTogether()
    {
        _server.Jobs.AddFlow(JobState.Running)
            .With(-1, "chord", JobState.Running).With(0, "job", role: "onError").With(0, "job", role: "onSuccess")
            .With(0, "group", JobState.Running).With(3, "job", JobState.Running).With(4, "job", role: "onError").With(3, "chain", JobState.Running).With(6, "job", JobState.Running)
            .With(0, "job");

        var tree = (await _server.GetAsync("/api/flows/f")).Json.GetProperty("tree");

        Assert.Equal("chord(onError:job onSuccess:job group(job(onError:job) chain(job)) job)", Text(tree));
    }

    [Theory]
    [InlineData("", 1_000, true)]
    [InlineData("?nodes=", 1_000, true)]
    [InlineData("?nodes=1", 1, true)]
    [InlineData("?nodes=1199", 1_199, true)]
    [InlineData("?nodes=1200", 1_200, false)]
    [InlineData("?nodes=10000", 1_200, false)]
    public async Task Get_WhenThereAreManyNodes_CutsTheTree(string query, int count, bool isCut)
    {
        var flow = _server.Jobs.AddFlow(JobState.Running).With(-1, "group", JobState.Running);
        for (var number = 1; number < 1_200; number++)
        {
            flow.With(0, "job");
        }

        var json = (await _server.GetAsync($"/api/flows/f{query}")).Json;

        Assert.Equal((count - 1, isCut), (json.GetProperty("tree").GetProperty("children").GetArrayLength(), json.TryGetProperty("treeCut", out var cut) && cut.GetBoolean()));
        Assert.Equal(isCut ? count + 1 : count, flow.Read);
    }

    [Theory]
    [InlineData(200, false)]
    [InlineData(500, true)]
    public async Task Get_WhenGrownDeep_CutsTheTreeAt200Levels(int levels, bool isCut)
    {
        var flow = _server.Jobs.AddFlow(JobState.Running);
        for (var level = 0; level < levels; level++)
        {
            flow.With(level - 1, "chain", JobState.Running);
        }

        var answer = await _server.GetAsync("/api/flows/f");

        Assert.Equal(200, answer.Status);
        using var json = JsonDocument.Parse(answer.Body, new JsonDocumentOptions { MaxDepth = 1_000 });
        Assert.Equal(isCut, json.RootElement.TryGetProperty("treeCut", out _));
    }

    [Fact]
    public async Task Get_AsMermaid_DrawsEveryShape()
    {
        _server.Jobs.AddFlow(JobState.Failed)
            .With(-1, "chain", JobState.Failed).With(0, "job", JobState.Running, "onError").With(0, "job", JobState.Succeeded)
            .With(0, "chord", JobState.Failed).With(3, "group", JobState.Failed).With(4, "job", JobState.Failed).With(3, "job", JobState.Cancelled);
        _server.Jobs.KnownFlows["f"].Nodes[2] = _server.Jobs.KnownFlows["f"].Nodes[2] with { JobName = "a\"b]<c> é;" };

        var answer = await _server.GetAsync("/api/flows/f?format=mermaid");

        Assert.Equal((200, "text/plain"), (answer.Status, answer.Type));
        Assert.Equal(
            """
            flowchart TD
              n0(["chain"]):::failed
              n1["a#34;b#93;#60;c#62; é#59;"]:::succeeded
              n0 -->|1| n1
              n2[["chord"]]:::failed
              n3{{"group"}}:::failed
              n4["a.b"]:::failed
              n3 --> n4
              n2 -->|header| n3
              n5["a.b"]:::cancelled
              n2 -->|body| n5
              n0 -->|2| n2
              n6["a.b"]:::running
              n0 -. onError .-> n6
              classDef waiting fill:#eceff1,stroke:#90a4ae,color:#263238
              classDef running fill:#bbdefb,stroke:#1976d2,color:#0d2b4b
              classDef succeeded fill:#c8e6c9,stroke:#388e3c,color:#14361a
              classDef failed fill:#ffcdd2,stroke:#d32f2f,color:#4a1010
              classDef cancelled fill:#e0e0e0,stroke:#616161,color:#212121
              classDef expired fill:#ffe0b2,stroke:#f57c00,color:#4a2a00

            """.ReplaceLineEndings("\n"),
            answer.Body);
    }

    [Theory]
    [InlineData("", 200)]
    [InlineData("&nodes=10000", 200)]
    [InlineData("&nodes=10", 10)]
    public async Task Get_AsMermaidOfManyNodes_StopsWithANote(string query, int count)
    {
        var flow = _server.Jobs.AddFlow(JobState.Running).With(-1, "group", JobState.Running);
        for (var number = 1; number <= 200; number++)
        {
            flow.With(0, "job");
        }

        var text = (await _server.GetAsync($"/api/flows/f?format=Mermaid{query}")).Body;

        Assert.Contains($"  more[\"The flow has more nodes; these are the first {count}.\"]\n", text, StringComparison.Ordinal);
        Assert.Equal(count, text.Split(":::").Length - 1);
    }

    [Theory]
    [InlineData("nodes=0", "nodes must be 1..10000, got '0'.")]
    [InlineData("nodes=10001", "nodes must be 1..10000, got '10001'.")]
    [InlineData("nodes=all", "nodes must be 1..10000, got 'all'.")]
    [InlineData("format=dot", "format must be json or mermaid, got 'dot'.")]
    public async Task Get_WhenQueryIsBad_Answers400(string query, string detail)
    {
        _server.Jobs.AddFlow(JobState.Running);

        var answer = await _server.GetAsync($"/api/flows/f?{query}");

        Assert.Equal((400, detail), (answer.Status, answer.Detail));
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "?format=mermaid")]
    [InlineData("POST", "/cancel")]
    [InlineData("POST", "/redrive")]
    public async Task Any_WhenFlowIsUnknown_Answers404(string method, string suffix)
    {
        var unknown = await _server.SendAsync(new(new HttpMethod(method), $"/api/flows/f{suffix}"));
        var malformed = await _server.SendAsync(new(new HttpMethod(method), $"/api/flows/default~0~f{suffix}"));

        Assert.Equal((404, "There is no flow 'f': it never was, or it was removed after its time to live."), (unknown.Status, unknown.Detail));
        Assert.Equal((404, "There is no flow 'default~0~f'; an id is 1..100 of the characters A-Z a-z 0-9 . _ -, as POST /api/flows answers it."), (malformed.Status, malformed.Detail));
    }

    [Theory]
    [InlineData("/cancel")]
    [InlineData("/redrive")]
    public async Task Steer_WhenTaken_Answers202(string suffix)
    {
        _server.Jobs.AddFlow(JobState.Running).IsTaken = true;

        var answer = await _server.PostAsync($"/api/flows/f{suffix}");

        Assert.Equal((202, """{"id":"f"}"""), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("/cancel", JobState.Succeeded, "The flow 'f' is Succeeded; only a flow that is not final can be cancelled.")]
    [InlineData("/redrive", JobState.Running, "The flow 'f' is Running; only a flow that is Failed, Cancelled or Expired, and of which no job is running, can be redriven.")]
    public async Task Steer_WhenNotPossible_Answers409(string suffix, JobState state, string detail)
    {
        _server.Jobs.AddFlow(state);

        var answer = await _server.PostAsync($"/api/flows/f{suffix}");

        Assert.Equal((409, detail), (answer.Status, answer.Detail));
    }

    private static string Text(JsonElement node)
    {
        var kind = node.GetProperty("kind").GetString();
        var below = node.GetProperty("callbacks").EnumerateArray().Select(callback => $"{callback.GetProperty("role").GetString()}:{Text(callback)}").Concat(node.GetProperty("children").EnumerateArray().Select(Text)).ToList();
        return below.Count == 0 ? kind! : $"{kind}({string.Join(' ', below)})";
    }
}
