using Krewe.Client.Tests.Fakes;
using Krewe.Queues;
using Xunit;

namespace Krewe.Client.Tests.Queues;

public sealed class RetriedCallTests
{
    private readonly ArmedTime _time = new();

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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MayHaveArrived_WhenTheCallWasSentTwice_TellsOfTheOneThatDoesNotCount(bool isTheSecondsAnswer)
    {
        var (calls, answers) = (0, new TaskCompletionSource<int>[] { new(), new() });
        var call = RetriedCall.ForWrite(_time);
        var called = call.RunAsync(_ => answers[Interlocked.Increment(ref calls) - 1].Task, 0, TestContext.Current.CancellationToken);
        await _time.PassAsync(AskedTwice.Silence);
        await _time.UntilArmedAsync(RetriedCall.AttemptTimeout - AskedTwice.Silence);

        answers[isTheSecondsAnswer ? 1 : 0].SetResult(7);

        Assert.Equal(7, await called);
        Assert.Equal(isTheSecondsAnswer, call.MayHaveArrived);
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
        _time.Advance(RetriedCall.StoreBudget);
        return new StoreUnavailableException("away");
    }
}
