using Krewe.Client.Tests.Fakes;
using Krewe.Queues;
using Xunit;

namespace Krewe.Client.Tests.Queues;

public sealed class RetriedCallTests
{
    private readonly ArmedTime _time = new();
    private int _hasPassed;

    public static TheoryData<string, bool> Failures => new()
    {
        { "not connected", false }, // Nothing was sent.
        { "rejected", false },
        { "silo gone", true }, // It may have had the call.
        { "timed out", true },
        { "store away", true },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task MayHaveArrived_WhenACallFails_IsWhatTheFailureTells(string failure, bool mayHaveArrived)
    {
        var call = new RetriedCall(_time, TimeSpan.Zero);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => call.RunAsync(Fail, failure, TestContext.Current.CancellationToken));

        Assert.Equal(mayHaveArrived, call.MayHaveArrived);
    }

    [Fact]
    public async Task RunAsync_WhenTheGrainHoldsTheCall_IsNotSentTwice()
    {
        var (calls, held) = (0, new TaskCompletionSource<int>());
        var call = new RetriedCall(_time, RetriedCall.ReadBudget, isHeld: true).RunAsync(
            _ =>
            {
                calls++;
                return held.Task;
            },
            0,
            TestContext.Current.CancellationToken);
        await _time.UntilArmedAsync(RetriedCall.AttemptTimeout);

        _time.Advance(AskedTwice.Silence * 2);
        held.SetResult(7);

        Assert.Equal(7, await call);
        Assert.Equal(1, calls);
    }

    private async Task<int> Fail(string failure)
    {
        await Task.Yield();
        return failure switch
        {
            "not connected" => RetriedCall.Connected<int>(() => throw new ArgumentException("Could not find an implementation")),
            "rejected" => throw Rejections.New(),
            "silo gone" => throw new SiloUnavailableException("gone"),
            "timed out" => throw new TimeoutException(),
            _ => throw StoreAway(),
        };
    }

    private StoreUnavailableException StoreAway()
    {
        if (Interlocked.Exchange(ref _hasPassed, 1) == 0)
        {
            _time.Advance(RetriedCall.StoreTimeout);
        }

        return new StoreUnavailableException("away");
    }
}
