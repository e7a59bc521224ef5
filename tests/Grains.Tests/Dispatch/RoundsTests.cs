using Krewe.Dispatch;
using Krewe.Testing;
using Xunit;

namespace Krewe.Grains.Tests.Dispatch;

public sealed class RoundsTests : IDisposable
{
    private readonly SemaphoreSlim _began = new(0);
    private readonly SemaphoreSlim _mayEnd = new(0);
    private readonly Rounds _rounds;
    private int _count;

    public RoundsTests() => _rounds = new Rounds(async () =>
    {
        Interlocked.Increment(ref _count);
        _began.Release();
        Assert.True(await _mayEnd.WaitAsync(Some.Timeout, Cancellation));
    });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _began.Dispose();
        _mayEnd.Dispose();
    }

    [Fact]
    public async Task Ask_WhileOneIsUnderWay_MeansOneMoreHoweverOften()
    {
        _rounds.Ask();
        await _began.WaitAsync(Cancellation);
        _rounds.Ask();
        _rounds.Ask();
        _rounds.Ask();
        Assert.Equal(1, _count);

        _mayEnd.Release(5);
        await _rounds.Ended;

        Assert.Equal(2, _count);
    }

    [Fact]
    public async Task Ask_WhenNoneIsUnderWay_BeginsOne()
    {
        Assert.True(_rounds.Ended.IsCompleted);
        for (var round = 1; round <= 3; round++)
        {
            _rounds.Ask();
            _mayEnd.Release();
            await _rounds.Ended;
            Assert.Equal(round, _count);
        }
    }
}
