using Krewe.Jobs;
using Krewe.Queues;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Krewe.Grains.Tests.Queues;

public sealed class EndingBoardTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly EndingBoard _board;

    public EndingBoardTests() => _board = new(_time);

    [Fact]
    public void Subscribe_WhenSomebodyAsksAgain_CountsOnce()
    {
        var (one, other) = (new Observer(), new Observer());

        _board.Subscribe("a", one);
        _board.Subscribe("a", one);
        _board.Subscribe("a", other);
        _board.Subscribe("b", one);

        Assert.Equal((3, 2), (_board.Count, _board.Ids.Count));
        _board.Unsubscribe("a", one);
        _board.Unsubscribe("a", one);
        Assert.Equal(2, _board.Count);
        _board.Ended(new("default", 0), new JobRecord { Id = "a", Name = "n", State = JobState.Succeeded });
        _board.Tell();
        Assert.Equal((1, 0, 1), (_board.Count, one.Told.Count, other.Told.Count));
    }

    [Fact]
    public void Subscribe_WhenThereAreAsManyAsMayBe_LetsNobodyInUntilSomeHaveGone()
    {
        var observer = new Observer();
        for (var number = 0; number < EndingBoard.MaxInterests + 10; number++)
        {
            _board.Subscribe($"{number}", observer);
        }

        Assert.Equal((EndingBoard.MaxInterests, EndingBoard.MaxInterests), (_board.Count, _board.Ids.Count));
        _board.Subscribe("0", observer); // Who is in renews.
        Assert.Contains("0", _board.Ids);
        _board.Subscribe("late", observer);
        Assert.DoesNotContain("late", _board.Ids);

        _time.Advance(EndingBoard.InterestLifetime + TimeSpan.FromTicks(1));
        _board.Sweep();
        Assert.True(_board.IsEmpty && _board.Count == 0);
        _board.Subscribe("late", observer);
        Assert.Equal(["late"], _board.Ids);
    }

    private sealed class Observer : IJobObserver
    {
        public List<JobEnding> Told { get; } = [];

        public Task OnEndedAsync(JobEnding[] endings)
        {
            Told.AddRange(endings);
            return Task.CompletedTask;
        }
    }
}
