using Krewe.Api;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Silo.Tests.Api;

public sealed class HttpBoundsTests : IAsyncLifetime
{
    private const string Job = """{"job":"a.b","args":{}}""";
    private TestServer _server = null!;

    private HttpBounds Bounds => _server.Services.GetRequiredService<HttpBounds>();

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Post_WhenBodiesTakeAllTheMemoryTheyMay_IsRefusedUntilOneIsDone()
    {
        using (var others = Bounds.NewBody())
        {
            Assert.True(others.TryGrow(HttpBounds.MaxBodyBytes - Job.Length));
            Assert.Equal(202, (await _server.PostAsync("/api/jobs", Job)).Status); // It gives back what it took: the next one fits again.
            Assert.Equal(202, (await _server.PostAsync("/api/jobs", Job)).Status);

            Assert.True(others.TryGrow(1));
            var refused = await _server.PostAsync("/api/jobs", Job);
            Assert.Equal((503, "5"), (refused.Status, refused.RetryAfter));
            Assert.Equal("The bodies of the requests that are served now take as much memory as they may; send it again later.", refused.Detail);
        }

        Assert.Equal(202, (await _server.PostAsync("/api/jobs", Job)).Status);
    }

    [Fact]
    public async Task Wait_WhenAsManyWaitAsMay_IsRefusedUntilOneHasEnded()
    {
        _server.Jobs.Add(JobState.Succeeded).Result = "1";
        var others = Enumerable.Range(0, HttpBounds.MaxWaits).Select(_ => Bounds.EnterWait()).ToList();

        var refused = await _server.GetAsync($"/api/jobs/{FakeJobs.Id}/result?wait=1s");
        others[0].Dispose();
        others[0].Dispose(); // Counts once.

        Assert.Equal((503, "5"), (refused.Status, refused.RetryAfter));
        Assert.Equal(200, (await _server.GetAsync($"/api/jobs/{FakeJobs.Id}/result?wait=1s")).Status);
        using var last = Bounds.EnterWait();
        Assert.Throws<RequestRefusedException>(Bounds.EnterWait);
    }

    [Fact]
    public async Task PostBulk_WhenTheQueueIsFull_SaysItPerJobAndWhenToComeAgain()
    {
        _server.Jobs.Failure = new QueueFullException("narrow");

        var answer = await _server.PostAsync("/api/jobs/bulk", $"[{Job},{Job}]");

        Assert.Equal((202, "5"), (answer.Status, answer.RetryAfter));
        Assert.All(answer.Json.EnumerateArray(), item => Assert.Equal(429, item.GetProperty("error").GetProperty("status").GetInt32()));
    }
}
