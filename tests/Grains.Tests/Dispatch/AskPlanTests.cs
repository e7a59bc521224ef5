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
        Begin(first.Feed, first.Slots);

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
            _plan.Begin(feed, now, false, slots);
            Answer(feed, 0, new ClaimAnswer { Claims = [], Epoch = 1, HasMore = true, HeadPriority = PartitionFeed.Unknown });
        }

        Assert.Equal([.. feeds, .. feeds], order);
    }

    [Fact]
    public void Answered_WhenABellOvertookTheAnswer_KeepsItsPriority()
    {
        var feed = Know("default", 0);
        Begin(feed);
        _plan.Ring(feed.Key, 9);

        Answer(feed, 0, new ClaimAnswer { Claims = [], Epoch = 1, HeadPriority = 3 });

        Assert.Equal((true, 9), (feed.IsRinging, feed.HeadPriority));
    }

    [Fact]
    public void Next_WhenAPartitionIsBeingAsked_IsNothingUntilItRingsAfterTheAnswer()
    {
        var feed = Know("default", 0);
        var (_, slots) = _plan.Next()!.Value;
        Begin(feed, slots);
        Assert.Null(_plan.Next());

        Answer(feed, 0, new ClaimAnswer { Claims = [], Epoch = 1 });
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
        Begin(feed, slots);

        Answer(feed, 200, new ClaimAnswer { Claims = [], Epoch = 1, HasMore = true });

        Assert.Equal((feed, 100), _plan.Next());
        Assert.Equal(200, _plan.RunningCount);
    }

    [Fact]
    public void Failed_WhenACallHadNoAnswer_GivesItsSlotsBackAndListsWhatIsHeldNext()
    {
        var feed = Know("default", 0);
        feed.MustIntroduce = false;
        var (_, slots) = _plan.Next()!.Value;
        Begin(feed, slots);

        _plan.Failed(feed);

        Assert.Equal((300, true, false), (_plan.Slots.Free("default"), feed.MustIntroduce, feed.IsAsking));
    }

    [Fact]
    public void FreeLate_WhenAPartitionDoesNotAnswer_LeavesItsSlotsToOthers()
    {
        var (hung, other) = (Know("default", 0), Know("default", 1));
        var (feed, slots) = _plan.Next()!.Value;
        Begin(feed, slots);

        _plan.FreeLate(late => late == feed);
        var next = _plan.Next()!.Value;
        Begin(next.Feed, next.Slots);
        _plan.FreeLate(late => late == feed);

        Assert.Equal((hung, other, AskPlan.MaxPerCall), (feed, next.Feed, next.Slots));
        Assert.Equal(100, _plan.Slots.Free("default"));

        // It answers after all: what it brings runs as far as slots are free; the rest is over them until it is handed back.
        Assert.Equal(100, _plan.Answered(hung, 102, 0, new ClaimAnswer { Claims = [], Epoch = 1 }, wasIntroduced: false));
        Assert.Equal(-2, _plan.Slots.Free("default"));
        _plan.Completed(hung);
        _plan.Completed(hung);
        Assert.Equal((0, 100), (_plan.Slots.Free("default"), hung.Running));
    }

    [Fact]
    public void Answered_WhenTheEpochIsAnother_IntroducesItselfNextUnlessItJustDid()
    {
        var feed = Know("default", 0);
        Begin(feed, isIntroduced: true);
        _plan.Answered(feed, 0, 0, new ClaimAnswer { Claims = [], Epoch = 1 }, wasIntroduced: true);
        Assert.False(feed.MustIntroduce);

        Begin(feed);
        Answer(feed, 0, new ClaimAnswer { Claims = [], Epoch = 2 });

        Assert.True(feed.MustIntroduce);
    }

    [Fact]
    public void Begin_WhenSeveralPartitionsHaveSuspects_LetsOneCallTakeOne()
    {
        var (first, second, calm) = (Know("default", 0), Know("default", 1), Know("default", 2));
        (first.HasSuspect, second.HasSuspect) = (true, true);

        Assert.False(_plan.Begin(calm, 1, false, 1));
        Assert.True(_plan.Begin(first, 1, false, 1));
        Assert.False(_plan.Begin(second, 1, false, 1));

        // The call brings one: until its outcome is recorded there is no other, for its claim stands.
        _plan.Answered(first, 1, suspects: 1, new ClaimAnswer { Claims = [], Epoch = 0, HasSuspect = true }, false);
        Answer(second, 0, new ClaimAnswer { Claims = [], Epoch = 0, HasSuspect = true });
        Answer(calm, 0, new ClaimAnswer { Claims = [], Epoch = 0 });
        Assert.False(_plan.Begin(second, 2, false, 1));
        Answer(second, 0, new ClaimAnswer { Claims = [], Epoch = 0, HasSuspect = true });
        Assert.Null(_plan.Next());

        _plan.Completed(first);
        Assert.False(_plan.Begin(second, 3, false, 1));
        Answer(second, 0, new ClaimAnswer { Claims = [], Epoch = 0, HasSuspect = true });
        _plan.SuspectRecorded(first);
        Assert.True(first.IsRinging && second.IsRinging && !calm.IsRinging);
        Assert.True(_plan.Begin(second, 4, false, 1));
    }

    [Fact]
    public void Failed_WhenTheCallMayHaveClaimedASuspect_KeepsTheRightUntilThatPartitionAnswers()
    {
        var (first, second) = (Know("default", 0), Know("default", 1));
        (first.HasSuspect, second.HasSuspect) = (true, true);
        Assert.True(_plan.Begin(first, 1, false, 1));

        _plan.Failed(first);

        Assert.False(_plan.Begin(second, 1, false, 1));
        Answer(second, 0, new ClaimAnswer { Claims = [], Epoch = 0, HasSuspect = true });
        Assert.True(_plan.Begin(first, 2, true, 1)); // The same partition may give it again, or another one instead.
        Answer(first, 0, new ClaimAnswer { Claims = [], Epoch = 0 });
        Assert.True(second.IsRinging);
        Assert.True(_plan.Begin(second, 3, false, 1));
    }

    [Fact]
    public void Answered_WhenACallWasNotAllowedASuspectThatWaits_AsksAgainWithTheRight()
    {
        var feed = Know("default", 0);
        Assert.False(_plan.Begin(feed, 1, false, 1));

        Answer(feed, 0, new ClaimAnswer { Claims = [], Epoch = 0, HasSuspect = true });

        Assert.Same(feed, _plan.Next()!.Value.Feed);
        Assert.True(_plan.Begin(feed, 2, false, 1));
    }

    private PartitionFeed Know(string queue, int partition)
    {
        var key = new PartitionKey(queue, partition);
        var owner = DispatchProxy.Create<IDispatchGrain, NeverCalled>();
        var feed = new PartitionFeed(key) { Owner = owner, Outbox = new OutcomeOutbox(key, owner, TimeProvider.System, NullLogger.Instance, _ => { }) };
        _plan.Add(feed);
        return feed;
    }

    private void Begin(PartitionFeed feed, int asked = 0, bool isIntroduced = false) => _plan.Begin(feed, 1, isIntroduced, asked);

    private void Answer(PartitionFeed feed, int started, ClaimAnswer answer) => _plan.Answered(feed, started, 0, answer, wasIntroduced: false);

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1852", Justification = "The proxy is a type derived at run time.")]
    internal class NeverCalled : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw new InvalidOperationException("The plan does no I/O.");
    }
}
