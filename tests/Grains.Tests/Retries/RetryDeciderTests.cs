using CsCheck;
using Krewe.Jobs;
using Krewe.Retries;
using Xunit;

namespace Krewe.Grains.Tests.Retries;

public sealed class RetryDeciderTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 29, 0, 59, 59, TimeSpan.Zero);
    private static readonly JobSettings Settings = new() { MaxRetries = 2, Retry = RetryPolicy.Fixed(TimeSpan.FromSeconds(10)) };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AfterFailure_WhenRetriesAreLeft_RetriesAfterThePolicysDelay(int failed) =>
        Assert.Equal(new RetryAt(Now.AddSeconds(10)), RetryDecider.AfterFailure(Settings, failed, retryable: true, asked: null, Now, jitter: 0.5));

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void AfterFailure_WhenRetriesAreSpent_GivesUp(int failed) =>
        Assert.Equal(new GiveUp(GiveUpReason.RetriesExhausted), RetryDecider.AfterFailure(Settings, failed, retryable: true, asked: TimeSpan.Zero, Now, jitter: 0.5));

    [Fact]
    public void AfterFailure_WhenErrorIsNotRetryable_GivesUpAtOnce() =>
        Assert.Equal(new GiveUp(GiveUpReason.NotRetryable), RetryDecider.AfterFailure(Settings, 1, retryable: false, asked: null, Now, jitter: 0.5));

    [Fact]
    public void AfterFailure_WhenMaxRetriesIsZero_GivesUpAfterTheFirst() =>
        Assert.Equal(new GiveUp(GiveUpReason.RetriesExhausted), RetryDecider.AfterFailure(new JobSettings { MaxRetries = 0 }, 1, retryable: true, asked: null, Now, jitter: 0.5));

    [Fact]
    public void AfterFailure_WhenHandlerAsked_TakesItsDelayAsItIs() =>
        Assert.Equal(new RetryAt(Now.AddHours(5)), RetryDecider.AfterFailure(Settings, 1, retryable: true, asked: TimeSpan.FromHours(5), Now, jitter: 0.5));

    [Fact]
    public void AfterFailure_WhenNothingIsSet_TriesFourTimesWithDoublingSpreadDelays()
    {
        RetryDecision At(int failed) => RetryDecider.AfterFailure(JobSettings.Unset, failed, retryable: true, asked: null, Now, jitter: 0.5);

        Assert.Equal(new RetryAt(Now.AddSeconds(0.5)), At(1));
        Assert.Equal(new RetryAt(Now.AddSeconds(1)), At(2));
        Assert.Equal(new RetryAt(Now.AddSeconds(2)), At(3));
        Assert.Equal(new GiveUp(GiveUpReason.RetriesExhausted), At(4));
    }

    [Fact]
    public void AfterFailure_WhenDelayLeavesTheCalendar_RetriesAtItsEnd() =>
        Assert.Equal(new RetryAt(DateTimeOffset.MaxValue), RetryDecider.AfterFailure(Settings, 1, retryable: true, asked: TimeSpan.MaxValue, Now, jitter: 0.5));

    [Fact]
    public void AfterFailure_ForEveryCount_RetriesExactlyMaxRetriesTimes() =>
        Gen.Select(Gen.Int[0, 1000], Gen.Int[1, 1001], Gen.Double[0, 1]).Sample((maxRetries, failed, jitter) =>
        {
            var decision = RetryDecider.AfterFailure(new JobSettings { MaxRetries = maxRetries }, failed, retryable: true, asked: null, Now, jitter);

            Assert.Equal(failed <= maxRetries, decision is RetryAt);
            Assert.True(decision is not RetryAt retry || (retry.At >= Now && retry.At <= Now.AddMinutes(10)));
        });
}
