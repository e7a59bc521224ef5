using Krewe.Dispatch;
using Krewe.Queues;
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

    private static ClaimRequest Request(string silo) => new() { Silo = silo, WorkerName = silo, Max = 1, Sequence = 1, Held = [], Handlers = ["known"] };

    private sealed class Bell : IWorkerBell
    {
        public List<string> Rung { get; } = [];

        public void Ring(string address, PartitionKey partition, int headPriority)
        {
            Assert.Equal(Key, partition);
            Rung.Add($"{address} {headPriority}");
        }
    }
}
