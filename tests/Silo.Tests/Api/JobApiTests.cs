using Xunit;

namespace Krewe.Silo.Tests.Api;

public sealed class JobApiTests : IAsyncLifetime
{
    private const string Path = $"/api/jobs/{FakeJobs.Id}";

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Get_WhenJobIsThere_TellsItsStory()
    {
        _server.Jobs.Add(JobState.Running);

        var answer = await _server.GetAsync(Path);

        Assert.Equal(200, answer.Status);
        Assert.Equal((FakeJobs.Id, "Running", "00:00:05"), (answer.Json.GetProperty("id").GetString(), answer.Json.GetProperty("state").GetString(), answer.Json.GetProperty("softTimeLimit").GetString()));
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/result")]
    [InlineData("POST", "/cancel")]
    [InlineData("POST", "/redrive")]
    [InlineData("DELETE", "")]
    public async Task Any_WhenJobIsUnknown_Answers404(string method, string suffix)
    {
        var unknown = await _server.SendAsync(new(new HttpMethod(method), $"{Path}{suffix}"));
        var malformed = await _server.SendAsync(new(new HttpMethod(method), $"/api/jobs/nonsense{suffix}"));

        Assert.Equal(404, unknown.Status);
        Assert.Equal($"There is no job '{FakeJobs.Id}': it never was, or its record was removed after its time to live.", unknown.Detail);
        Assert.Equal(404, malformed.Status);
        Assert.Equal("There is no job 'nonsense'; an id has the form <queue>~<partition>~<id>, as POST /api/jobs answers it.", malformed.Detail);
    }

    [Theory]
    [InlineData("POST", "/cancel")]
    [InlineData("POST", "/redrive")]
    [InlineData("DELETE", "")]
    public async Task Steer_WhenTaken_Answers202(string method, string suffix)
    {
        _server.Jobs.Add(JobState.Failed).IsTaken = true;

        var answer = await _server.SendAsync(new(new HttpMethod(method), $"{Path}{suffix}"));

        Assert.Equal((202, $$"""{"id":"{{FakeJobs.Id}}"}"""), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("POST", "/cancel", JobState.Succeeded, "The job 'default~0~abc' is Succeeded; only a job that is not final can be cancelled.")]
    [InlineData("POST", "/redrive", JobState.Running, "The job 'default~0~abc' is Running; only a job that is Failed, Cancelled or Expired, and was not forgotten, can be redriven.")]
    [InlineData("DELETE", "", JobState.Queued, "The job 'default~0~abc' is Queued; only a final job can be forgotten; cancel it first.")]
    public async Task Steer_WhenNotPossible_Answers409(string method, string suffix, JobState state, string detail)
    {
        _server.Jobs.Add(state);

        var answer = await _server.SendAsync(new(new HttpMethod(method), $"{Path}{suffix}"));

        Assert.Equal((409, detail), (answer.Status, answer.Detail));
    }

    [Theory]
    [InlineData("/cancel", JobState.Waiting, "The job 'default~0~f.1' waits for its turn in the flow 'f'; steer the flow: POST /api/flows/f/cancel.")]
    [InlineData("/redrive", JobState.Cancelled, "The job 'default~0~f.1' is Cancelled; only a job that is Failed, Cancelled or Expired, and was not forgotten, can be redriven. It is a member of the flow 'f', which is steered by /api/flows/f.")]
    public async Task Steer_WhenAMemberOfAFlowCannotBe_NamesTheFlow(string suffix, JobState state, string detail)
    {
        var job = _server.Jobs.Add(state, "default~0~f.1");
        job.Info = job.Info! with { FlowId = "f" };

        var answer = await _server.PostAsync($"/api/jobs/default~0~f.1{suffix}");

        Assert.Equal((409, detail), (answer.Status, answer.Detail));
        Assert.Equal("f", (await _server.GetAsync("/api/jobs/default~0~f.1")).Json.GetProperty("flowId").GetString());
    }

    [Fact]
    public async Task Redrive_WhenKeyIsHeld_NamesTheHolder()
    {
        _server.Jobs.Add(JobState.Failed).Failure = new UniqueKeyHeldException(FakeJobs.Id, "default~0~other");

        var answer = await _server.PostAsync($"{Path}/redrive");

        Assert.Equal((409, "default~0~other"), (answer.Status, answer.Json.GetProperty("holderId").GetString()));
    }

    [Theory]
    [InlineData("/api/nothing", 404, "There is nothing at /api/nothing; /openapi/v1.json lists what there is.")]
    [InlineData("/api/jobs/bulk/more", 404, "There is nothing at /api/jobs/bulk/more; /openapi/v1.json lists what there is.")]
    [InlineData($"{Path}/cancel", 405, $"{Path}/cancel does not take GET; it takes POST.")]
    public async Task Get_WhenRouteIsNotThere_SaysSo(string path, int status, string detail)
    {
        var answer = await _server.GetAsync(path);

        Assert.Equal((status, detail), (answer.Status, answer.Detail));
    }
}
