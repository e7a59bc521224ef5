using Krewe.Jobs;

namespace Krewe.Queues;

/// <summary>The head of a partition's backlog in memory: per lane the next jobs in order, and how far the lane has been read. Pure; no I/O.</summary>
/// <remarks>
/// <para>States of a lane: <em>at its end</em> (everything in the store's lane up to its last entry was seen, so a new job may be appended in memory)
/// or <em>behind</em> (the store has more after <c>Cursor</c>). Invariants:</para>
/// <list type="bullet">
/// <item>Every ready job of the store has a position after its lane's cursor, or is in the window, or is on its way through a claim.</item>
/// <item>The window never holds a job twice, and gives jobs of a lane in order of position, returned ones included.</item>
/// <item>A job that is added while its lane is being read puts the lane behind: the read may or may not have seen it.</item>
/// </list>
/// <para>A stale entry (cancelled since) does no harm: the store refuses its claim and it is dropped; only a job that lives again must not be there twice, hence <see cref="Drop"/>. After a crash, the window begins at the store's first entry.</para>
/// </remarks>
internal sealed class QueueWindow
{
    internal const int Lanes = 10;

    /// <summary>Jobs in the window beyond which nothing is read ahead or appended.</summary>
    internal const int MaxJobs = 2_000;

    /// <summary>Bytes of args and errors in the window beyond which nothing is read ahead or appended.</summary>
    internal const long MaxBytes = 8 * 1024 * 1024;

    private readonly Lane[] _lanes = [.. Enumerable.Range(0, Lanes).Select(_ => new Lane())];

    /// <summary>Jobs in the window.</summary>
    internal int Count { get; private set; }

    /// <summary>Bytes of args and errors in the window.</summary>
    internal long Bytes { get; private set; }

    internal bool HasRoom => Count < MaxJobs && Bytes < MaxBytes;

    /// <summary>Whether the window or the store holds jobs as far as is known.</summary>
    internal bool HasMore => Count > 0 || Array.Exists(_lanes, lane => !lane.IsAtEnd);

    /// <summary>The highest lane that holds or may hold a job; -1 when none does.</summary>
    internal int HeadPriority => Array.FindLastIndex(_lanes, lane => lane.Count > 0 || !lane.IsAtEnd);

    /// <summary>Forgets everything; every lane is then behind, from its first entry.</summary>
    internal void Reset(IReadOnlyList<long> laneEntries)
    {
        (Count, Bytes) = (0, 0);
        for (var i = 0; i < Lanes; i++)
        {
            _lanes[i] = new Lane { IsAtEnd = laneEntries[i] == 0 };
        }
    }

    /// <summary>Takes note of a job that was stored at the tail of its lane.</summary>
    internal void Append(JobRecord job)
    {
        var lane = _lanes[job.Priority];
        if (!lane.IsAtEnd || lane.IsReading || !HasRoom)
        {
            lane.IsAtEnd = false;
            lane.WasAddedTo = true;
            return;
        }

        lane.Cursor = job.Position;
        lane.InOrder.Enqueue(job);
        Counted(job, 1);
    }

    /// <summary>Takes note of a job that was stored at the tail of its lane and claimed in the same step.</summary>
    internal void Pass(JobRecord job)
    {
        var lane = _lanes[job.Priority];
        if (lane.IsAtEnd && !lane.IsReading)
        {
            lane.Cursor = Math.Max(lane.Cursor, job.Position);
        }
    }

    /// <summary>Puts a job back that keeps its place: released, rescued, or not claimed after all.</summary>
    internal void Return(JobRecord job)
    {
        var lane = _lanes[job.Priority];
        if (job.Position > lane.Cursor)
        {
            lane.IsAtEnd = false; // Not read yet: the next refill comes to it,
            if (lane.IsReading)
            {
                lane.ReturnedAhead.Add(job); // unless the one under way passes it by without having seen it.
            }

            return;
        }

        if (lane.Returned.TryAdd(job.Position, job))
        {
            Counted(job, 1);
        }
    }

    /// <summary>Takes what stands in the window of a job's earlier lives out of it.</summary>
    /// <param name="job">The job as it is now, at its new place; a read may have brought that one already, and it stays.</param>
    internal void Drop(JobRecord job)
    {
        bool IsStale(JobRecord known) => known.Id == job.Id && known.Position < job.Position;
        var lane = _lanes[job.Priority];
        foreach (var stale in lane.InOrder.Concat(lane.Returned.Values).Where(IsStale).ToList())
        {
            Counted(stale, -1);
        }

        var left = lane.InOrder.Where(known => !IsStale(known)).ToList();
        lane.InOrder.Clear();
        left.ForEach(lane.InOrder.Enqueue);
        foreach (var position in lane.Returned.Where(pair => IsStale(pair.Value)).Select(pair => pair.Key).ToList())
        {
            lane.Returned.Remove(position);
        }
    }

    /// <summary>Takes the next job: highest lane first, then oldest; null when the lanes that were read are empty.</summary>
    /// <remarks>Stops before a lower lane while a higher one is behind and empty, because the store has jobs that come first.</remarks>
    internal JobRecord? Take()
    {
        for (var i = Lanes - 1; i >= 0; i--)
        {
            if (_lanes[i].Take() is { } job)
            {
                Counted(job, -1);
                return job;
            }

            if (!_lanes[i].IsAtEnd)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>The lane that has to be read before <see cref="Take"/> can go on, or that is worth reading ahead; null: none.</summary>
    internal int? LaneToRead()
    {
        for (var i = Lanes - 1; i >= 0; i--)
        {
            if (!_lanes[i].IsAtEnd && !_lanes[i].IsReading && (_lanes[i].Count == 0 || (HasRoom && _lanes[i].Count < MaxJobs / 4)))
            {
                return i;
            }

            if (_lanes[i].Count > 0 && !HasRoom)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>Begins to read a lane; gives the position to read after.</summary>
    internal long BeginRead(int lane)
    {
        (_lanes[lane].IsReading, _lanes[lane].WasAddedTo) = (true, false);
        return _lanes[lane].Cursor;
    }

    /// <summary>Takes in what was read.</summary>
    internal void EndRead(int lane, IEnumerable<JobRecord> jobs, long lastPosition, bool isEnd)
    {
        var read = _lanes[lane];
        var seen = new HashSet<long>();
        foreach (var job in jobs)
        {
            read.InOrder.Enqueue(job);
            seen.Add(job.Position);
            Counted(job, 1);
        }

        read.Cursor = Math.Max(read.Cursor, lastPosition);
        read.IsAtEnd = isEnd && !read.WasAddedTo;
        StopReading(read, seen);
    }

    /// <summary>Gives up a read that failed.</summary>
    internal void AbandonRead(int lane) => StopReading(_lanes[lane], []);

    private void StopReading(Lane lane, HashSet<long> seen)
    {
        lane.IsReading = false;
        foreach (var job in lane.ReturnedAhead.Where(job => !seen.Contains(job.Position)))
        {
            Return(job);
        }

        lane.ReturnedAhead.Clear();
    }

    private void Counted(JobRecord job, int sign)
    {
        Count += sign;
        Bytes += sign * SizeOf(job);
    }

    /// <summary>What a record holds that can be large; a job that failed ten times has stacks of ten times 32 KiB.</summary>
    private static long SizeOf(JobRecord job) => job.Args.Length + (job.Errors?.Sum(static error => sizeof(char) * (long)(error.Message.Length + (error.Stack?.Length ?? 0))) ?? 0);

    private sealed class Lane
    {
        public Queue<JobRecord> InOrder { get; } = new();

        /// <summary>Few, so a sorted list will do.</summary>
        public SortedList<long, JobRecord> Returned { get; } = [];

        /// <summary>Those that came back to positions that a read under way may pass.</summary>
        public List<JobRecord> ReturnedAhead { get; } = [];

        /// <summary>The last position that was read or appended.</summary>
        public long Cursor { get; set; } = -1;

        public bool IsAtEnd { get; set; } = true;

        public bool IsReading { get; set; }

        public bool WasAddedTo { get; set; }

        public int Count => InOrder.Count + Returned.Count;

        public JobRecord? Take()
        {
            if (Returned.Count > 0 && (InOrder.Count == 0 || Returned.GetKeyAtIndex(0) < InOrder.Peek().Position))
            {
                var job = Returned.GetValueAtIndex(0);
                Returned.RemoveAt(0);
                return job;
            }

            return InOrder.TryDequeue(out var next) ? next : null;
        }
    }
}
