using Krewe.Api;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Krewe.Silo.Tests.Api;

public sealed class KreweApiTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Queues_WhenThere_AreListed()
    {
        var queue = (await _server.GetAsync("/api/queues")).Json[0];

        Assert.Equal(("default", 3, "00:00:05"), (queue.GetProperty("name").GetString(), queue.GetProperty("queued").GetInt32(), queue.GetProperty("oldestAge").GetString()));
    }

    [Fact]
    public async Task Queues_WhenStoreIsAway_Answers503()
    {
        _server.Jobs.Failure = new StoreUnavailableException("The store is away.");

        var answer = await _server.GetAsync("/api/queues");

        Assert.Equal((503, "5", "The store is away."), (answer.Status, answer.RetryAfter, answer.Detail));
    }

    [Fact]
    public async Task Workers_WhenThere_AreListed()
    {
        var worker = (await _server.GetAsync("/api/workers")).Json[0];

        Assert.Equal(("worker-1", 20, "a.b"), (worker.GetProperty("name").GetString(), worker.GetProperty("slots").GetProperty("*").GetInt32(), worker.GetProperty("handlers")[0].GetString()));
    }

    [Fact]
    public async Task Root_WhenAsked_ListsTheLinks() => Assert.Equal("/orleans", (await _server.GetAsync("/")).Json.GetProperty("orleans").GetString());

    [Fact]
    public async Task Metrics_WhenAsked_AreThere()
    {
        await _server.GetAsync("/api/queues");

        var answer = await _server.GetAsync("/metrics");

        Assert.Equal((200, "text/plain"), (answer.Status, answer.Type));
        Assert.Contains("http_server_request_duration_seconds", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Live_WhenUp_IsHealthy() => Assert.Equal((200, "Healthy"), ((await _server.GetAsync("/health/live")).Status, (await _server.GetAsync("/health/live")).Body));

    [Fact]
    public async Task OpenApi_WhenAsked_DescribesEveryRoute()
    {
        var paths = (await _server.GetAsync("/openapi/v1.json")).Json.GetProperty("paths");

        var routes = paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name} {path.Name}")).Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "delete /api/jobs/{id}", "delete /api/schedules/{id}", "get /api/flows", "get /api/flows/{id}", "get /api/jobs", "get /api/jobs/{id}", "get /api/jobs/{id}/result", "get /api/queues", "get /api/schedules", "get /api/schedules/{id}", "get /api/schedules/{id}/preview", "get /api/workers",
                "patch /api/schedules/{id}",
                "post /api/flows", "post /api/flows/{id}/cancel", "post /api/flows/{id}/redrive", "post /api/jobs", "post /api/jobs/bulk", "post /api/jobs/{id}/cancel", "post /api/jobs/{id}/redrive", "post /api/schedules", "post /api/schedules/preview",
                "post /api/schedules/{id}/backfill", "post /api/schedules/{id}/pause", "post /api/schedules/{id}/reset", "post /api/schedules/{id}/resume", "post /api/schedules/{id}/trigger", "put /api/schedules/{id}",
            ],
            routes);
        Assert.All(paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject()), method =>
        {
            Assert.NotEmpty(method.Value.GetProperty("summary").GetString()!);
            Assert.NotEmpty(method.Value.GetProperty("description").GetString()!);
        });
    }

    [Fact]
    public async Task DeclaredNames_WhenKnown_AsksOnceAMinute()
    {
        var (factory, fake) = FakeGrains.With("a.b");
        var time = new FakeTimeProvider();
        var names = new DeclaredNames(factory, time);

        await names.RequireAsync("a.b", TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(59));
        await names.RequireAsync("a.b", TestContext.Current.CancellationToken);
        Assert.Equal(1, fake.Asked);

        time.Advance(TimeSpan.FromSeconds(1));
        await names.RequireAsync("a.b", TestContext.Current.CancellationToken);
        Assert.Equal(2, fake.Asked);
    }

    [Fact]
    public async Task DeclaredNames_WhenUnknown_AsksEachTime()
    {
        var (factory, fake) = FakeGrains.With();
        var names = new DeclaredNames(factory, new FakeTimeProvider());

        await Assert.ThrowsAsync<UnknownJobException>(() => names.RequireAsync("a.b", TestContext.Current.CancellationToken).AsTask());
        await Assert.ThrowsAsync<UnknownJobException>(() => names.RequireAsync("a.b", TestContext.Current.CancellationToken).AsTask());

        Assert.Equal(2, fake.Asked);
    }
}
