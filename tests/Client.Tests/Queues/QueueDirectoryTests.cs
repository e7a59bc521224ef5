using Krewe.Client.Tests.Fakes;
using Krewe.Queues;
using Xunit;

namespace Krewe.Client.Tests.Queues;

public sealed class QueueDirectoryTests
{
    private readonly FakeCluster _cluster = new();
    private readonly ArmedTime _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetAsync_WhenTheStoreIsAway_SaysThatNothingWasStored()
    {
        _cluster.Catalogue.OnRead = Fail;

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => new QueueDirectory(_cluster, _time).GetAsync("default", Cancellation).AsTask());

        Assert.Equal("The queue 'default' could not be looked up, so nothing was stored in it; enqueue again later. The store is away.", exception.Message);
        Assert.Empty(exception.MaybeStoredIds);
    }

    [Fact]
    public async Task GetAsync_WhenItIsPatient_AsksUntilTheStoreIsBack()
    {
        _cluster.Catalogue.OnRead = () =>
        {
            if (_cluster.Catalogue.QueueReads <= 2)
            {
                Fail();
            }
        };

        var queue = new QueueDirectory(_cluster, _time).GetAsync("default", isPatient: true, Cancellation).AsTask();
        await _time.PassAsync(RetriedCall.LastDelay);
        await _time.PassAsync(RetriedCall.LastDelay);

        Assert.Equal("default", (await queue).Name);
        Assert.Equal(3, _cluster.Catalogue.QueueReads);
    }

    private void Fail()
    {
        _time.Advance(RetriedCall.StoreTimeout);
        throw new StoreUnavailableException("The store is away.");
    }
}
