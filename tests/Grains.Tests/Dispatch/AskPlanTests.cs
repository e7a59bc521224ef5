using System.Reflection;
using Krewe.Dispatch;
using Krewe.Queues;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Krewe.Grains.Tests.Dispatch;

public sealed class AskPlanTests
{
    private readonly AskPlan _plan = new(SlotPlan.ForAll(300, SlotPlan.DefaultWeight));

    [Fact]
    public void Next_WhenPartitionsRing_AsksTheOneWithTheHighestHeadFirst()
    {
        var (low, high) = (Know("default", 0), Know("default", 1));
        (low.HeadPriority, high.HeadPriority) = (-1, -1);
        _plan.Ring(low.Key, 3);
        _plan.Ring(high.Key, 7);

        var first = _plan.Next()!.Value;
        Begin(first.Feed);

        Assert.Equal((high, AskPlan.MaxPerCall), first);
        Assert.Equal((low, 100), _plan.Next());
    }

    [Fact]
    public void Next_WhenHeadsAreEqual_AsksInTurn()
    {
        var feeds = new[] { Know("default", 0), Know("default", 1), Know("default", 2) };
        var order = new List<PartitionFeed>();
        for (var now = 1; now <= 6; now++)
        {
            var (feed, slots) = _plan.Next()!.Value;
            order.Add(feed);
            _plan.Begin(feed, now, false);
            Answer(feed, slots, 0, new ClaimAnswer { Claims = [], Epoch = 1, HasMore = true, HeadPriority = PartitionFeed.Unknown });
        }

        Assert.Equal([.. feeds, .. feeds], order);
    }

    [Fact]
    public void Answered_WhenABellOvertookTheAnswer_KeepsItsPriority()
    {
        var feed = Know("default", 0);
        Begin(feed);
        _plan.Ring(feed.Key, 9);

        Answer(feed, 0, 0, new ClaimAnswer { Claims = [], Epoch = 1, HeadPriority = 3 });

        Assert.Equal((true, 9), (feed.IsRinging, feed.HeadPriority));
    }

    [Fact]
    public void Next_WhenAPartitionIsBeingAsked_IsNothingUntilItRingsAfterTheAnswer()
    {
        var feed = Know("default", 0);
        var (_, slots) = _plan.Next()!.Value;
        Begin(feed);
        Assert.Null(_plan.Next());

        Answer(feed, slots, 0, new ClaimAnswer { Claims = [], Epoch = 1 });
        Assert.Null(_plan.Next());

        _plan.Ring(feed.Key, 0);
        Assert.Equal((feed, AskPlan.MaxPerCall), _plan.Next());
        Assert.Equal(100, _plan.Slots.Free("default"));
    }

    [Fact]
    public void Next_WhenTheAnswerSaysThatThereIsMore_AsksAgainForTheSlotsThatAreLeft()
    {
        var feed = Know("default", 0);
        var (_, slots) = _plan.Next()!.Value;
        Begin(feed);

        Answer(feed, slots, 200, new ClaimAnswer { Claims = [], Epoch = 1, HasMore = true });

        Assert.Equal((feed, 100), _plan.Next());
        Assert.Equal(200, _plan.RunningCount);
    }

    [Fact]
    public void Failed_WhenACallHadNoAnswer_GivesItsSlotsBackAndListsWhatIsHeldNext()
    {
        var feed = Know("default", 0);
        feed.MustIntroduce = false;
        var (_, slots) = _plan.Next()!.Value;
        Begin(feed);

        _plan.Failed(feed, slots);

        Assert.Equal((300, true, false), (_plan.Slots.Free("default"), feed.MustIntroduce, feed.IsAsking));
    }

    [Fact]
    public void Answered_WhenTheEpochIsAnother_IntroducesItselfNextUnlessItJustDid()
    {
        var feed = Know("default", 0);
        Begin(feed, isIntroduced: true);
        _plan.Answered(feed, 0, 0, 0, new ClaimAnswer { Claims = [], Epoch = 1 }, wasIntroduced: true);
        Assert.False(feed.MustIntroduce);

        Begin(feed);
        Answer(feed, 0, 0, new ClaimAnswer { Claims = [], Epoch = 2 });

        Assert.True(feed.MustIntroduce);
    }

    [Fact]
    public void Begin_WhenSeveralPartitionsHaveSuspects_LetsOneCallTakeOne()
    {
        var (first, second, calm) = (Know("default", 0), Know("default", 1), Know("default", 2));
        (first.HasSuspect, second.HasSuspect) = (true, true);

        Assert.False(_plan.Begin(calm, 1, false));
        Assert.True(_plan.Begin(first, 1, false));
        Assert.False(_plan.Begin(second, 1, false));

        // The call brings one: until its outcome is recorded there is no other, for its claim stands.
        _plan.Answered(first, 1, 1, suspects: 1, new ClaimAnswer { Claims = [], Epoch = 0, HasSuspect = true }, false);
        Answer(second, 1, 0, new ClaimAnswer { Claims = [], Epoch = 0, HasSuspect = true });
        Answer(calm, 1, 0, new ClaimAnswer { Claims = [], Epoch = 0 });
        Assert.False(_plan.Begin(second, 2, false));
        Answer(second, 1, 0, new ClaimAnswer { Claims = [], Epoch = 0, HasSuspect = true });
        Assert.Null(_plan.Next());

        _plan.Completed(first);
        Assert.False(_plan.Begin(second, 3, false));
        Answer(second, 1, 0, new ClaimAnswer { Claims = [], Epoch = 0, HasSuspect = true });
        _plan.SuspectRecorded(first);
        Assert.True(first.IsRinging && second.IsRinging && !calm.IsRinging);
        Assert.True(_plan.Begin(second, 4, false));
    }

    [Fact]
    public void Failed_WhenTheCallMayHaveClaimedASuspect_KeepsTheRightUntilThatPartitionAnswers()
    {
        var (first, second) = (Know("default", 0), Know("default", 1));
        (first.HasSuspect, second.HasSuspect) = (true, true);
        Assert.True(_plan.Begin(first, 1, false));

        _plan.Failed(first, 1);

        Assert.False(_plan.Begin(second, 1, false));
        Answer(second, 1, 0, new ClaimAnswer { Claims = [], Epoch = 0, HasSuspect = true });
        Assert.True(_plan.Begin(first, 2, true)); // The same partition may give it again, or another one instead.
        Answer(first, 1, 0, new ClaimAnswer { Claims = [], Epoch = 0 });
        Assert.True(second.IsRinging);
        Assert.True(_plan.Begin(second, 3, false));
    }

    [Fact]
    public void Answered_WhenACallWasNotAllowedASuspectThatWaits_AsksAgainWithTheRight()
    {
        var feed = Know("default", 0);
        Assert.False(_plan.Begin(feed, 1, false));

        Answer(feed, 1, 0, new ClaimAnswer { Claims = [], Epoch = 0, HasSuspect = true });

        Assert.Same(feed, _plan.Next()!.Value.Feed);
        Assert.True(_plan.Begin(feed, 2, false));
    }

    private PartitionFeed Know(string queue, int partition)
    {
        var key = new PartitionKey(queue, partition);
        var owner = DispatchProxy.Create<IDispatchGrain, NeverCalled>();
        var feed = new PartitionFeed(key) { Owner = owner, Outbox = new OutcomeOutbox(key, owner, TimeProvider.System, NullLogger.Instance, _ => { }) };
        _plan.Add(feed);
        return feed;
    }

    private void Begin(PartitionFeed feed, bool isIntroduced = false) => _plan.Begin(feed, 1, isIntroduced);

    private void Answer(PartitionFeed feed, int asked, int started, ClaimAnswer answer) => _plan.Answered(feed, asked, started, 0, answer, wasIntroduced: false);

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1852", Justification = "The proxy is a type derived at run time.")]
    internal class NeverCalled : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw new InvalidOperationException("The plan does no I/O.");
    }
}
