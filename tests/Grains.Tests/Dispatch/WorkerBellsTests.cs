using Krewe.Dispatch;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Krewe.Grains.Tests.Dispatch;

public sealed class WorkerBellsTests
{
    private static readonly PartitionKey Key = new("default", 2);
    private readonly FakeTimeProvider _time = new();
    private readonly Bell _bell = new();
    private readonly WorkerBells _bells;

    public WorkerBellsTests() => _bells = new(Key, _bell, _time);

    [Fact]
    public void Meet_WhenTheWorkerOrTheEpochIsNew_WantsAnIntroduction()
    {
        Assert.Null(_bells.Meet(Request("a") with { Handlers = null, Held = null }, 1));
        Assert.NotNull(_bells.Meet(Request("a"), 1));
        Assert.NotNull(_bells.Meet(Request("a") with { Handlers = null, Held = null, Epoch = 1 }, 1));
        Assert.Null(_bells.Meet(Request("a") with { Handlers = null, Held = null, Epoch = 1 }, 2));
    }

    [Fact]
    public void IsHandled_WhenTheWorkerStopsAsking_IsForgotten()
    {
        _bells.Meet(Request("a"), 1);
        Assert.Equal((true, false), (_bells.IsHandled("known"), _bells.IsHandled("unknown")));

        _time.Advance(WorkerBells.Patience);
        _bells.Sweep();
        Assert.True(_bells.IsHandled("known"));
        _time.Advance(TimeSpan.FromTicks(1));
        _bells.Sweep();

        Assert.False(_bells.IsHandled("known"));
    }

    [Fact]
    public void Ring_WhenWorkersAreIdle_WakesTheLongestIdleAsManyAsThereAreJobs()
    {
        foreach (var silo in new[] { "a", "b", "c" })
        {
            _bells.Idles(_bells.Meet(Request(silo), 1)!);
        }

        _bells.Ring(2, 4);
        _bells.Ring(5, 4);
        _bells.Ring(5, 4);

        Assert.Equal(["a 4", "b 4", "c 4"], _bell.Rung);
    }

    [Fact]
    public void Ring_WhenAnIdleWorkerIsForgotten_WakesTheNext()
    {
        _bells.Idles(_bells.Meet(Request("a"), 1)!);
        _time.Advance(WorkerBells.Patience + TimeSpan.FromSeconds(1));
        _bells.Idles(_bells.Meet(Request("b"), 1)!);
        _bells.Sweep();

        _bells.Ring(2, 0);

        Assert.Equal(["b 0"], _bell.Rung);
    }

    [Fact]
    public void Ring_WhenAnIdleWorkerWasIntroducedAnew_IsNotWastedOnItsFormerSelf()
    {
        var former = _bells.Meet(Request("a"), 1)!;
        _bells.Idles(former);
        _bells.Idles(_bells.Meet(Request("b"), 1)!);
        var again = _bells.Meet(Request("a"), 2)!;
        _bells.Idles(former); // Its call ends late.
        again.KnownHead = 9;

        _bells.Ring(1, 0);

        Assert.Equal(["b 0"], _bell.Rung);
    }

    [Fact]
    public void Ring_WhenTheLongestIdleWorkerLeaves_WakesTheNext()
    {
        var leaving = Waiting("a", 4);
        var staying = Waiting("b", 4);
        _bell.Leaving.Add("a");

        Assert.Same(staying, _bells.WithSpare(Jobs(1), 1));
        _bells.Ring(1, 0);

        Assert.Equal(["b 0"], _bell.Rung);
        Assert.False(leaving.IsIdle);
    }

    [Fact]
    public void Ring_WhenTheHeadRisesAboveWhatABusyWorkerKnows_TellsItOnce()
    {
        var (busy, idle) = (_bells.Meet(Request("busy"), 1)!, _bells.Meet(Request("idle"), 1)!);
        busy.KnownHead = 3;
        _bells.Idles(idle);

        _bells.Ring(1, 3);
        _bells.Ring(1, 7);
        _bells.Ring(1, 7);

        Assert.Equal(["idle 3", "busy 7", "idle 7"], _bell.Rung);
    }

    [Fact]
    public void WithSpare_WhenSeveralWorkersWait_TakesThemInTurn()
    {
        var (a, b) = (Waiting("a", 4), Waiting("b", 16));

        Assert.Same(a, _bells.WithSpare(Jobs(1), 1));
        _bells.Call(a, 5);
        Assert.Same(b, _bells.WithSpare(Jobs(1), 1));
        _bells.Call(b, 5);
        Assert.Same(b, _bells.WithSpare(Jobs(4), 1)); // Both are about to ask: the one with the most room.
        _bells.Call(b, 5);
        Assert.Equal(["a 5", "b 5"], _bell.Rung);

        _bells.Idles(a);
        Assert.Same(a, _bells.WithSpare(Jobs(4), 1));
        Assert.Same(b, _bells.WithSpare(Jobs(5), 1));
        Assert.Null(_bells.WithSpare(Jobs(17), 1));
    }

    [Fact]
    public void WithSpare_WhenTheWorkerCannotTakeTheJobs_IsNobody()
    {
        var worker = Waiting("a", 4);
        Assert.Null(_bells.WithSpare(Jobs(1, "unknown"), 1));
        Assert.Null(_bells.WithSpare(Jobs(1), 2));

        _time.Advance(2 * Worker.AskInterval);
        Assert.Null(_bells.WithSpare(Jobs(1), 1));
        _bells.Meet(Request("a") with { Epoch = 1, Sequence = 2 }, 1);
        Assert.Same(worker, _bells.WithSpare(Jobs(1), 1));

        _bells.HasNoSpare("a");
        Assert.Null(_bells.WithSpare(Jobs(1), 1));
    }

    private WorkerBells.Known Waiting(string silo, int spare)
    {
        var worker = _bells.Meet(Request(silo), 1)!;
        worker.Spare = spare;
        _bells.Idles(worker);
        return worker;
    }

    private static JobStep[] Jobs(int count, string name = "known") => [.. Enumerable.Range(1, count).Select(number => new JobStep
    {
        Verb = JobVerb.Add, Id = $"{number}", From = JobPlace.Nowhere, To = JobPlace.Ready, Record = new JobRecord { Id = $"{number}", Name = name },
    })];

    private static ClaimRequest Request(string silo) => new() { Silo = silo, WorkerName = silo, Max = 1, Sequence = 1, Held = [], Handlers = ["known"] };

    private sealed class Bell : IWorkerBell
    {
        public List<string> Rung { get; } = [];

        public HashSet<string> Leaving { get; } = [];

        public bool IsLeaving(string address) => Leaving.Contains(address);

        public void Ring(string address, PartitionKey partition, int headPriority)
        {
            Assert.Equal(Key, partition);
            Rung.Add($"{address} {headPriority}");
        }
    }
}
