using Krewe.Api;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Krewe.Silo.Tests.Api;

public sealed class ResultsApiTests : IAsyncLifetime
{
    private const string Path = $"/api/jobs/{FakeJobs.Id}/result";

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("""{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("null", "null")]
    [InlineData(null, "null")]
    public async Task Get_WhenSucceeded_Answers200WithValue(string? result, string value)
    {
        _server.Jobs.Add(JobState.Succeeded).Result = result;

        var answer = await _server.GetAsync(Path);

        Assert.Equal((200, $$"""{"id":"{{FakeJobs.Id}}","state":"Succeeded","value":{{value}}}"""), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?wait=0")]
    [InlineData("?wait=00:00:00")]
    public async Task Get_WhenGoingAndNoWait_Answers202AtOnce(string query)
    {
        var job = _server.Jobs.Add(JobState.Running);

        var answer = await _server.GetAsync(Path + query);

        Assert.Equal((202, $$"""{"id":"{{FakeJobs.Id}}","state":"Running"}"""), (answer.Status, answer.Body));
        Assert.Empty(job.Waits);
    }

    [Fact]
    public async Task Get_WhenWaitPasses_Answers202()
    {
        var job = _server.Jobs.Add(JobState.Queued);
        job.IsPending = true;

        var answer = await _server.GetAsync($"{Path}?wait=20ms");

        Assert.Equal((202, $$"""{"id":"{{FakeJobs.Id}}","state":"Queued"}"""), (answer.Status, answer.Body));
        Assert.Equal([TimeSpan.FromMilliseconds(20)], job.Waits);
    }

    [Fact]
    public async Task Get_WhenSiloHasDrained_AnswersWhatHolds()
    {
        _server.Jobs.Add(JobState.Running).IsPending = true;

        var waiting = _server.GetAsync($"{Path}?wait=10m");
        _server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        Assert.False(waiting.IsCompleted);
        await _server.Services.GetServices<IHostedService>().OfType<StopNotice>().Single().StoppingAsync(TestContext.Current.CancellationToken);

        Assert.Equal(202, (await waiting).Status);
    }

    public static TheoryData<Exception, string> Unsuccessful => new()
    {
        { new JobFailedException(FakeJobs.Id, new JobError(2, "A.B", "no", "at x", default, true), null), "Failed" },
        { new JobCancelledException(FakeJobs.Id, "why"), "Cancelled" },
        { new JobExpiredException(FakeJobs.Id), "Expired" },
    };

    [Theory]
    [MemberData(nameof(Unsuccessful))]
    public async Task Get_WhenNotSucceeded_Answers424WithState(Exception failure, string state)
    {
        _server.Jobs.Add(Enum.Parse<JobState>(state)).Failure = failure;

        var answer = await _server.GetAsync(Path);

        Assert.Equal((424, failure.Message), (answer.Status, answer.Detail));
        Assert.Equal((FakeJobs.Id, state), (answer.Json.GetProperty("id").GetString(), answer.Json.GetProperty("state").GetString()));
        Assert.Equal(state == "Failed", answer.Json.TryGetProperty("error", out var error) && error.GetProperty("type").GetString() == "A.B");
    }

    [Fact]
    public async Task Get_WhenResultWasRemoved_Answers410()
    {
        _server.Jobs.Add(JobState.Succeeded).Failure = new ResultGoneException(FakeJobs.Id, isKnown: true);

        Assert.Equal(410, (await _server.GetAsync(Path)).Status);
    }

    [Theory]
    [InlineData("30")]
    [InlineData("-1s")]
    [InlineData("10m1s")]
    [InlineData("soon")]
    [InlineData("-00:00:01")]
    public async Task Get_WhenWaitIsBad_Answers400(string wait)
    {
        _server.Jobs.Add(JobState.Succeeded);

        var answer = await _server.GetAsync($"{Path}?wait={wait}");

        Assert.Equal((400, $"wait must be 0 to 10 minutes, such as 30s, 5m or 00:00:30, got '{wait}'."), (answer.Status, answer.Detail));
    }
}
