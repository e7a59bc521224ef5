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
        _time.Advance(RetriedCall.StoreTimeout);
        return new StoreUnavailableException("away");
    }
}
