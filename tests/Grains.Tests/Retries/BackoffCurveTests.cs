using CsCheck;
using Krewe.Retries;
using Xunit;

namespace Krewe.Grains.Tests.Retries;

public sealed class BackoffCurveTests
{
    private static readonly Gen<RetryPolicy> Policies =
        from kind in Gen.Enum<Backoff>()
        from jitter in Gen.Enum<Jitter>()
        from baseSeconds in Gen.Double[0, 1e6]
        from more in Gen.Double[0, 1e6]
        from delays in Gen.Double[0, 1e6].Array[0, 5]
        select new RetryPolicy
        {
            Kind = kind,
            Jitter = jitter,
            Base = TimeSpan.FromSeconds(baseSeconds),
            Cap = TimeSpan.FromSeconds(baseSeconds + more),
            Delays = [.. delays.Select(TimeSpan.FromSeconds)],
        };

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(10, 512)]
    [InlineData(11, 600)]
    [InlineData(1000, 600)]
    public void Delay_WhenExponential_DoublesUpToItsCap(int retry, int seconds)
    {
        var policy = RetryPolicy.Exponential(TimeSpan.FromSeconds(1)) with { Jitter = Jitter.None };

        Assert.Equal(TimeSpan.FromSeconds(seconds), BackoffCurve.Delay(policy, retry, 0.5));
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(2, 14)]
    [InlineData(4, 20)]
    [InlineData(1000, 20)]
    public void Delay_WhenLinear_GrowsByItsBaseUpToItsCap(int retry, int seconds)
    {
        var policy = RetryPolicy.Linear(TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(20)) with { Jitter = Jitter.None };

        Assert.Equal(TimeSpan.FromSeconds(seconds), BackoffCurve.Delay(policy, retry, 0.5));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public void Delay_WhenFixed_StaysTheSame(int retry) =>
        Assert.Equal(TimeSpan.FromMinutes(20), BackoffCurve.Delay(RetryPolicy.Fixed(TimeSpan.FromMinutes(20)), retry, 0.5));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 3600)]
    [InlineData(3, 5)]
    [InlineData(1000, 5)]
    public void Delay_WhenList_TakesTheNthAndRepeatsTheLastWhateverTheCap(int retry, int seconds)
    {
        var policy = new RetryPolicy { Kind = Backoff.List, Delays = [TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), TimeSpan.FromSeconds(5)], Jitter = Jitter.None };

        Assert.Equal(TimeSpan.FromSeconds(seconds), BackoffCurve.Delay(policy, retry, 0.5));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.25, 2)]
    [InlineData(0.999, 7.992)]
    public void Delay_WhenJitterIsFull_DrawsFromZeroToTheDelay(double jitter, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), BackoffCurve.Delay(new RetryPolicy(), 4, jitter));

    [Fact]
    public void Delay_ForEveryPolicy_IsNeitherNegativeNorAboveItsCap() =>
        Gen.Select(Policies, Gen.Int[1, 1000], Gen.Double[0, 1]).Sample((policy, retry, jitter) =>
        {
            var delay = BackoffCurve.Delay(policy, retry, jitter);
            var longest = policy is { Kind: Backoff.List, Delays.Count: > 0 } ? policy.Delays.Max() : policy.Cap;

            Assert.InRange(delay, TimeSpan.Zero, longest);
        });

    [Fact]
    public void Delay_ForEveryCurve_NeverShrinks() =>
        Gen.Select(Policies.Where(policy => policy.Kind != Backoff.List), Gen.Int[1, 999]).Sample((policy, retry) =>
        {
            var steady = policy with { Jitter = Jitter.None };

            Assert.True(BackoffCurve.Delay(steady, retry, 0) <= BackoffCurve.Delay(steady, retry + 1, 0));
        });

    [Fact]
    public void Delay_WhenBaseAndCapAreAsLongAsCanBe_DoesNotOverflow()
    {
        var policy = new RetryPolicy { Base = TimeSpan.MaxValue, Cap = TimeSpan.MaxValue, Jitter = Jitter.None };

        Assert.Equal(TimeSpan.MaxValue, BackoffCurve.Delay(policy, 1000, 0));
    }
}
