using CsCheck;
using Krewe.Jobs;
using Krewe.Queues;
using Xunit;

namespace Krewe.Grains.Tests.Queues;

public sealed class QueueWindowTests
{
    /// <summary>What happens to a window in one step of a history.</summary>
    private enum Move
    {
        Append,
        Take,
        TakeAndReturn,
        Read,
        BeginRead,
        EndRead,
        Reopen,
        Pass,
        Release,
    }

    [Fact]
    public void Take_WhenLanesHoldJobs_GivesTheHighestThenTheOldest()
    {
        var window = new QueueWindow();
        window.Append(Job(0, 1));
        window.Append(Job(9, 2));
        window.Append(Job(5, 3));
        window.Append(Job(9, 4));

        Assert.Equal([2, 4, 3, 1], TakeAll(window));
        Assert.Equal((0, false, -1), (window.Count, window.HasMore, window.HeadPriority));
    }

    [Fact]
    public void Drop_WhenAJobStandsInTheWindow_TakesItOutWhereverItIs()
    {
        var window = new QueueWindow();
        foreach (var position in new[] { 1, 2, 3 })
        {
            window.Append(Job(4, position) with { Id = $"j{position}" });
        }

        window.Return(window.Take()!);
        window.Drop(Job(4, 9) with { Id = "j1" });
        window.Drop(Job(4, 9) with { Id = "j3" });
        window.Drop(Job(4, 2) with { Id = "j2" }); // It stands there as it is now.
        window.Drop(Job(5, 9) with { Id = "j2" });

        Assert.Equal([2], TakeAll(window));
        Assert.Equal((0, 0), (window.Count, window.Bytes));
    }

    [Fact]
    public void Bytes_WhenJobsCarryErrors_CountsThem()
    {
        var window = new QueueWindow();
        var failed = Job(0, 1) with { Args = [1, 2], Errors = [new JobError(1, "T", "four", "stack", DateTimeOffset.UnixEpoch, true)] };

        window.Append(failed);
        Assert.Equal(2 + (2 * 9), window.Bytes);

        window.Take();
        Assert.Equal(0, window.Bytes);
    }

    [Fact]
    public void Return_WhenAJobComesBack_KeepsItsPlace()
    {
        var window = new QueueWindow();
        for (var position = 1; position <= 3; position++)
        {
            window.Append(Job(0, position));
        }

        var (first, second) = (window.Take()!, window.Take()!);
        window.Return(second);
        window.Return(first);
        window.Return(first);

        Assert.Equal([1, 2, 3], TakeAll(window));
    }

    [Fact]
    public void Take_WhenAHigherLaneIsBehind_StopsBeforeTheLowerOne()
    {
        var window = new QueueWindow();
        window.Reset([0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
        window.Append(Job(2, 7));

        Assert.Null(window.Take());
        Assert.Equal((5, 5), (window.LaneToRead(), window.HeadPriority));
        window.EndRead(5, [Job(5, 6)], 6, isEnd: window.BeginRead(5) == -1);
        Assert.Equal([6, 7], TakeAll(window));
    }

    [Fact]
    public void Append_WhenItsLaneIsBeingRead_LeavesTheLaneBehind()
    {
        var window = new QueueWindow();
        window.Reset([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        window.BeginRead(0);
        window.Append(Job(0, 2));
        window.EndRead(0, [Job(0, 1)], 1, isEnd: true);

        Assert.Equal([1], TakeAll(window));
        Assert.Equal((0, true), (window.LaneToRead(), window.HasMore));
    }

    [Fact]
    public void Return_WhenAReadUnderWayDidNotSeeTheJob_KeepsIt()
    {
        var window = new QueueWindow();
        var (first, second) = (Job(0, 1), Job(0, 2));
        window.Return(first); // Claimed as it was added, and taken back: it is only in the store.
        window.BeginRead(0);
        window.Return(second); // The store was asked while this one was still claimed.
        window.EndRead(0, [first], 2, isEnd: true);

        Assert.Equal([1, 2], TakeAll(window));
        Assert.False(window.HasMore);
    }

    [Fact]
    public void Append_WhenTheWindowIsFull_LeavesTheLaneBehind()
    {
        var window = new QueueWindow();
        for (var position = 1; position <= QueueWindow.MaxJobs + 1; position++)
        {
            window.Append(Job(0, position));
        }

        Assert.Equal((QueueWindow.MaxJobs, false), (window.Count, window.HasRoom));
        Assert.Equal(QueueWindow.MaxJobs, TakeAll(window).Count);
        Assert.True(window.HasMore);
    }

    /// <summary>Against a store that is nothing but a sorted list per lane: whatever the history, each job is given once, in order within its lane, and none is lost.</summary>
    [Fact]
    public void Window_WhateverTheHistory_GivesEveryJobOnceInOrder()
    {
        Gen.Select(Gen.Enum<Move>(), Gen.Int[0, 9]).Array[0, 200].Sample(history =>
        {
            var model = new Model();
            foreach (var (move, lane) in history)
            {
                model.Do(move, lane);
            }

            model.DrainAndCheck();
        });
    }

    private static List<long> TakeAll(QueueWindow window)
    {
        var taken = new List<long>();
        while (window.Take() is { } job)
        {
            taken.Add(job.Position);
        }

        return taken;
    }

    private static JobRecord Job(int lane, long position) => new() { Id = $"{position}", Name = "test", Priority = lane, Position = position, Args = [1, 2] };

    private sealed class Model
    {
        private readonly SortedSet<long>[] _store = [.. Enumerable.Range(0, QueueWindow.Lanes).Select(_ => new SortedSet<long>())];
        private readonly List<(long Position, int Lane)> _claimed = [];
        private readonly List<long> _added = [];
        private readonly List<long> _given = [];
        private QueueWindow _window = new();
        private (int Lane, long After, List<long> Page, bool IsEnd)? _reading;
        private long _position;

        public void Do(Move move, int lane)
        {
            switch (move)
            {
                case Move.Append:
                    _added.Add(++_position);
                    _store[lane].Add(_position);
                    _window.Append(Job(lane, _position));
                    break;
                case Move.Take:
                    Give(_window.Take());
                    break;
                case Move.TakeAndReturn when _window.Take() is { } job:
                    _window.Return(job);
                    break;
                case Move.Read:
                    BeginRead();
                    EndRead();
                    break;
                case Move.BeginRead:
                    BeginRead();
                    break;
                case Move.EndRead:
                    EndRead();
                    break;
                case Move.Pass:
                    _added.Add(++_position);
                    _claimed.Add((_position, lane));
                    _window.Pass(Job(lane, _position));
                    break;
                case Move.Release when _claimed.Count > 0:
                    var released = _claimed[lane % _claimed.Count];
                    _claimed.Remove(released);
                    _store[released.Lane].Add(released.Position);
                    _window.Return(Job(released.Lane, released.Position));
                    break;
                case Move.Reopen:
                    _reading = null;
                    _window = new QueueWindow();
                    _window.Reset([.. _store.Select(entries => (long)entries.Count)]);
                    break;
            }
        }

        public void DrainAndCheck()
        {
            EndRead();
            while (_claimed.Count > 0)
            {
                Do(Move.Release, 0);
            }

            while (_window.HasMore)
            {
                if (_window.Take() is { } job)
                {
                    Give(job);
                }
                else
                {
                    Do(Move.Read, 0);
                }
            }

            Assert.Equal(_added, _given.Order());
            Assert.Equal((0, 0L), (_window.Count, _window.Bytes));
        }

        private void Give(JobRecord? job)
        {
            if (job is null)
            {
                return;
            }

            Assert.Equal(_store[job.Priority].Min, job.Position); // The oldest of its lane that is left.
            Assert.True(_store[job.Priority].Remove(job.Position));
            _given.Add(job.Position);
        }

        /// <summary>The store is read at once; the window hears of it later.</summary>
        private void BeginRead()
        {
            if (_reading is null && _window.LaneToRead() is { } lane)
            {
                var after = _window.BeginRead(lane);
                var left = _store[lane].Where(position => position > after).ToList();
                _reading = (lane, after, left.Take(3).ToList(), left.Count <= 3);
            }
        }

        private void EndRead()
        {
            if (_reading is { } read)
            {
                _reading = null;
                _window.EndRead(read.Lane, read.Page.Select(position => Job(read.Lane, position)), read.Page.Count > 0 ? read.Page[^1] : read.After, read.IsEnd);
            }
        }
    }
}
