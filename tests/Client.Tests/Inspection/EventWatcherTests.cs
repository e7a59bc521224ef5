using Krewe.Client.Tests.Fakes;
using Krewe.Inspection;
using Xunit;

namespace Krewe.Client.Tests.Inspection;

public sealed class EventWatcherTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WatchAsync_WhenSilosComeAndTheReaderEnds_WatchesEachRenewsAndUnwatches()
    {
        var (cluster, time) = (new FakeCluster(), new ArmedTime());
        cluster.Catalogue.Silos = ["one"];
        await using var events = cluster.Client(time).WatchAsync(new() { Queue = "default" }, Cancellation).GetAsyncEnumerator(Cancellation);

        var next = events.MoveNextAsync().AsTask();
        var observer = await cluster.Hub("one").Watches.ReadAsync(Cancellation);
        await observer.OnAsync([Event("low", 1), Event("default", 2), Event("default", 3)]);
        Assert.True(await next);
        Assert.Equal(2, events.Current.Attempt);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(3, events.Current.Attempt);

        cluster.Catalogue.Silos = ["one", "two"];
        time.Advance(EventWatcher.RefreshInterval);
        Assert.Same(observer, await cluster.Hub("two").Watches.ReadAsync(Cancellation));
        Assert.False(cluster.Hub("one").Watches.TryRead(out _));
        next = events.MoveNextAsync().AsTask();
        while (!cluster.Hub("one").Watches.TryRead(out _))
        {
            time.Advance(EventWatcher.RefreshInterval);
            await Task.Yield();
        }

        await observer.OnAsync([Event("default", 4)]);
        Assert.True(await next);
        await events.DisposeAsync();

        Assert.Equal((1, 1), (cluster.Hub("one").Unwatches, cluster.Hub("two").Unwatches));
    }

    private static JobEvent Event(string queue, int attempt) => new("job.started", $"{queue}~0~a", "n", queue, JobState.Running, attempt, DateTimeOffset.UnixEpoch);
}
