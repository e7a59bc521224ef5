using Krewe.Dispatch;
using Krewe.Execution;
using Krewe.Grains.Tests.Execution;
using Krewe.Queues;
using Xunit;

namespace Krewe.Grains.Tests.Dispatch;

public sealed class HeldClaimsTests
{
    [Fact]
    public async Task Stage_WhenStartAndReturnRace_OneWins()
    {
        for (var round = 0; round < 200; round++)
        {
            var claim = Claim();
            using var start = new Barrier(2);
            var moves = await Task.WhenAll(
                Task.Run(() =>
                {
                    start.SignalAndWait(TestContext.Current.CancellationToken);
                    return claim.TryStart();
                }),
                Task.Run(() =>
                {
                    start.SignalAndWait(TestContext.Current.CancellationToken);
                    return claim.TryReturn();
                }));

            Assert.Single(moves, won => won);
            Assert.Equal(moves[0] ? ClaimStage.Running : ClaimStage.Returned, claim.Stage);
        }
    }

    [Fact]
    public void Stage_WhenItHasEnded_GoesNowhereElse()
    {
        var claim = Claim();

        Assert.False(claim.TryEnd());
        Assert.True(claim.TryStart());
        Assert.False(claim.TryStart());
        Assert.True(claim.TryEnd());
        Assert.False(claim.TryEnd() || claim.TryReturn() || claim.TryStart());
        Assert.Equal(ClaimStage.Ended, claim.Stage);
    }

    [Fact]
    public void TryAdd_WhenTheTokenIsHeld_ChangesNothing()
    {
        var (held, first) = (new HeldClaims(), Claim());

        Assert.True(held.TryAdd(first));
        Assert.False(held.TryAdd(Claim()));
        Assert.True(held.TryGet(first.Job.Token, out var found));
        Assert.Same(first, found);
        Assert.Equal([first.Job.Token], held.TokensOf(new PartitionKey("default", 0)));
        Assert.Empty(held.TokensOf(new PartitionKey("default", 1)));
        held.Remove(first.Job.Token);
        Assert.Equal(0, held.Count);
    }

    [Fact]
    public void UnrecordedBytes_WhenAnOutcomeWaits_CountsItUntilItIsAnswered()
    {
        var (held, claim) = (new HeldClaims(), Claim());
        held.TryAdd(claim);
        Assert.Equal(0, held.UnrecordedBytes);

        held.Completed(claim, new AttemptOutcome { Id = "a", Token = claim.Job.Token, Kind = OutcomeKind.Succeeded, Result = new byte[1_000] });
        Assert.Equal(1_000 + claim.Job.Record.Args.Length, held.UnrecordedBytes);

        held.Remove(claim.Job.Token);
        Assert.Equal(0, held.UnrecordedBytes);
    }

    private static HeldClaim Claim() => new(ExecutionRig.Claimed("test.scripted", "{}"), new AttemptControl());
}
