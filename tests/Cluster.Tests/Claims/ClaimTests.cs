using System.Diagnostics.Metrics;
using Krewe.Dispatch;
using Krewe.Execution;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Cluster.Tests.Claims;

/// <summary>Claims are durable and fenced: answers get lost, outcomes are told twice, late, or by somebody else.</summary>
public abstract class ClaimTests : OwnerTests
{
    [Fact]
    public async Task Claim_WhenTheWorkerIsNotKnown_AsksForItsIntroductionFirst()
    {
        await EnqueueAsync();

        var answer = await Owner.ClaimAsync(Request(Here) with { Handlers = null, Held = null });

        Assert.True(answer.IsIntroductionNeeded);
        Assert.Empty(answer.Claims);
    }

    [Fact]
    public async Task Claim_WhenNothingWaits_IsAnsweredAllTheSame()
    {
        var answer = await Owner.ClaimAsync(Request(Here));

        Assert.Equal((0, false, -1), (answer.Claims.Length, answer.HasMore, answer.HeadPriority));
    }

    [Fact]
    public async Task Claim_WhenItsAnswerWasLost_IsOfferedAgainUnderTheSameToken()
    {
        var handle = await EnqueueAsync();
        var lost = Assert.Single((await Owner.ClaimAsync(Request(Here))).Claims);

        var again = Assert.Single((await Owner.ClaimAsync(Request(Here))).Claims);
        var held = (await Owner.ClaimAsync(Request(Here, again.Token))).Claims;

        Assert.Equal(handle.Id, lost.JobId);
        Assert.Equal((lost.JobId, lost.Token), (again.JobId, again.Token));
        Assert.Empty(held);
        Assert.Equal((JobState.Running, 0), ((await handle.InfoAsync()).State, (await handle.InfoAsync()).LostDeliveries));
    }

    [Fact]
    public async Task Claim_WhenJobsOfHigherPriorityWaitBehindIt_TellsTheHead()
    {
        await EnqueueAsync(new EnqueueOptions { Priority = 2 });
        await EnqueueAsync(new EnqueueOptions { Priority = 7 });
        await EnqueueAsync(new EnqueueOptions { Priority = 5 });

        var answer = await Owner.ClaimAsync(Request(Here));

        Assert.Equal((7, 5, true), (Assert.Single(answer.Claims).Record.Priority, answer.HeadPriority, answer.HasMore));
    }

    [Fact]
    public async Task Finish_WhenItIsToldTwice_IsRecordedOnce()
    {
        var handle = await EnqueueAsync();
        var outcome = Outcome(Assert.Single(await ClaimAsync(Here)), OutcomeKind.Succeeded, "\"first\"");

        Assert.Equal([OutcomeAnswer.Recorded], await Owner.FinishAsync([outcome]));
        Assert.Equal([OutcomeAnswer.Recorded], await Owner.FinishAsync([outcome with { Result = "\"second\""u8.ToArray() }]));

        Assert.Equal("first", await handle.ResultAsync());
    }

    [Fact]
    public async Task Finish_WhenTheTokenIsAnothers_IsFencedCountedAndDropped()
    {
        var fenced = 0L;
        using var listener = Listen("krewe.job.fenced", count => Interlocked.Add(ref fenced, count));
        var handle = await EnqueueAsync();
        var claim = Assert.Single(await ClaimAsync(Here));

        Assert.Equal([OutcomeAnswer.Fenced], await Owner.FinishAsync([Outcome(claim, OutcomeKind.Succeeded, "\"late\"") with { Token = "1-0000000000000bad" }]));

        Assert.Equal((1, JobState.Running), (fenced, (await handle.InfoAsync()).State));
        Assert.Equal([OutcomeAnswer.Recorded], await Owner.FinishAsync([Outcome(claim, OutcomeKind.Succeeded, "\"right\"")]));
        Assert.Equal(("right", 1), (await handle.ResultAsync(), fenced));
    }

    [Fact]
    public async Task Release_WhenAJobIsHandedBack_KeepsItsPlaceUnspent()
    {
        var handles = new[] { await EnqueueAsync(), await EnqueueAsync(), await EnqueueAsync() };
        var claims = await ClaimAsync(Here, max: 2);

        await Owner.FinishAsync([Outcome(claims[1], OutcomeKind.Released), Outcome(claims[0], OutcomeKind.Released)]);

        var again = await ClaimAsync(Here, max: 3);
        Assert.Equal(handles.Select(handle => handle.Id), again.Select(claim => claim.JobId));
        Assert.All(again, claim => Assert.Equal(1, claim.Attempt));
        Assert.DoesNotContain(again, claim => claims.Any(before => before.Token == claim.Token));
    }

    [Theory]
    [InlineData(nameof(OutcomeKind.Failed), JobState.Cancelled)]
    [InlineData(nameof(OutcomeKind.Retry), JobState.Cancelled)]
    [InlineData(nameof(OutcomeKind.Snoozed), JobState.Cancelled)]
    [InlineData(nameof(OutcomeKind.Released), JobState.Cancelled)]
    [InlineData(nameof(OutcomeKind.Succeeded), JobState.Succeeded)]
    public async Task Cancel_WhenItsMessageReachesNobody_HoldsWhenTheOutcomeComes(string kind, JobState state)
    {
        var handle = await EnqueueAsync();
        var claim = Assert.Single(await ClaimAsync(Here));

        Assert.True(await handle.CancelAsync(Cancellation));
        Assert.Equal((JobState.Running, true), ((await handle.InfoAsync()).State, (await handle.InfoAsync()).IsCancelRequested));
        await Owner.FinishAsync([Outcome(claim, Enum.Parse<OutcomeKind>(kind))]);

        Assert.Equal(state, await handle.EndAsync());
    }

    private MeterListener Listen(string name, Action<long> count)
    {
        var factory = Silo.Services.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, meters) =>
            {
                if (instrument.Name == name && ReferenceEquals(instrument.Meter.Scope, factory))
                {
                    meters.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, measurement, _, _) => count(measurement));
        listener.Start();
        return listener;
    }
}

public sealed class ClaimOnSqliteTests : ClaimTests
{
    private protected override Task<RedisServer?> RedisAsync() => Task.FromResult<RedisServer?>(null);
}

public sealed class ClaimOnRedisTests(RedisFixture redis) : ClaimTests, IClassFixture<RedisFixture>
{
    private protected override Task<RedisServer?> RedisAsync() => Task.FromResult<RedisServer?>(redis.Server);
}
