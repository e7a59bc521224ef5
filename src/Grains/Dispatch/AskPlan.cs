using Krewe.Queues;

namespace Krewe.Dispatch;

/// <summary>Which partition a worker asks next, and for how many jobs. Decides from what it was told; does no I/O. Not thread-safe: the worker's lock guards it.</summary>
/// <remarks>
/// <para>The queue is the choice of <see cref="SlotPlan"/> among those that have a partition to ask; of its partitions, the one whose head has the highest
/// priority, equal ones in turn. One call at a time per partition.</para>
/// <para>A silo has one suspect at a time, for whoever is claimed as one is blamed when the silo dies. The right to take one goes with a call to a partition that said
/// that it has one, while no other partition has it and no suspect is held here. It comes back with the answer, or, if that brought one, when the suspect's outcome is
/// recorded: until then its claim stands in the store. Where a call fails, or its answer is void, the claim may stand as well, so the right stays with that partition
/// until it has answered to a list of what is held.</para>
/// <para>A call that takes long, because its partition's silo hangs, keeps no slots: others may have work. What it brings in the end runs as far as slots are free by then.</para>
/// <para><see cref="Next"/> runs once per finished job: it allocates nothing.</para>
/// </remarks>
internal sealed class AskPlan(SlotPlan slots)
{
    /// <summary>Jobs in one claim call.</summary>
    internal const int MaxPerCall = 200;

    /// <summary>With fewer free slots than this a worker lets nothing be claimed for it: it would too often have no slot left for what came.</summary>
    private const int FewSlots = 4;

    private readonly Dictionary<PartitionKey, PartitionFeed> _feeds = [];
    private readonly List<QueueFeeds> _queues = [];
    private readonly List<string> _withWork = [];
    private PartitionFeed? _suspectFrom;
    private int _suspects;

    /// <summary>The slots that it gives out.</summary>
    public SlotPlan Slots => slots;

    /// <summary>The partitions that it knows.</summary>
    public IReadOnlyCollection<PartitionFeed> Feeds => _feeds.Values;

    /// <summary>Handlers that run now.</summary>
    public int RunningCount
    {
        get
        {
            var count = 0;
            foreach (var feed in _feeds.Values)
            {
                count += feed.Running;
            }

            return count;
        }
    }

    public bool Knows(PartitionKey key) => _feeds.ContainsKey(key);

    public PartitionFeed Of(PartitionKey key) => _feeds[key];

    /// <summary>Takes in a partition that is not known yet; it is to be asked.</summary>
    public void Add(PartitionFeed feed)
    {
        _feeds.Add(feed.Key, feed);
        if (_queues.Find(queue => queue.Name == feed.Key.Queue) is not { } feeds)
        {
            _queues.Add(feeds = new QueueFeeds(feed.Key.Queue));
        }

        feeds.Feeds.Add(feed);
    }

    /// <summary>A partition has work; one that is not known is left to the next look.</summary>
    public void Ring(PartitionKey key, int headPriority)
    {
        if (_feeds.TryGetValue(key, out var feed))
        {
            feed.IsRinging = true;
            feed.RungPriority = Math.Max(feed.RungPriority, headPriority);
            feed.HeadPriority = Math.Max(feed.HeadPriority, headPriority);
        }
    }

    /// <summary>The partition to ask now and how many jobs to ask for; the slots are taken. Null: nobody has work, or no slot is free.</summary>
    public (PartitionFeed Feed, int Slots)? Next()
    {
        _withWork.Clear();
        foreach (var queue in _queues)
        {
            if (queue.Head() is not null)
            {
                _withWork.Add(queue.Name);
            }
        }

        if (_withWork.Count == 0 || slots.Next(_withWork) is not { } next)
        {
            return null;
        }

        var asked = Math.Min(next.Slots, MaxPerCall);
        slots.Release(next.Queue, next.Slots - asked);
        return (QueueOf(next.Queue).Head()!, asked);
    }

    /// <summary>A call to a partition begins.</summary>
    /// <param name="feed">The partition.</param>
    /// <param name="now">Timestamp.</param>
    /// <param name="isIntroduced">Whether the call lists what is held.</param>
    /// <param name="asked">Slots that were taken for it; 0: it only lists what is held, and takes no turn.</param>
    /// <returns>Whether the call may be answered with a suspect.</returns>
    public bool Begin(PartitionFeed feed, long now, bool isIntroduced, int asked)
    {
        (feed.IsAsking, feed.IsRinging, feed.Asked, feed.AskedAt) = (true, false, asked, asked > 0 ? now : feed.AskedAt);
        feed.IntroducedAt = isIntroduced ? now : feed.IntroducedAt;
        feed.Sequence++;
        feed.RungPriority = -1;
        if (asked == 0 || !feed.HasSuspect || _suspects > 0 || (_suspectFrom is not null && _suspectFrom != feed))
        {
            return false;
        }

        _suspectFrom = feed;
        return true;
    }

    /// <summary>How many new jobs a partition may claim for this worker as they are added: an even share of the free slots, at least one where there are some. No slot is kept for them.</summary>
    /// <param name="feed">The partition.</param>
    /// <param name="free">Slots that are free for it.</param>
    public int SpareOf(PartitionFeed feed, int free) =>
        free < FewSlots ? 0 : Math.Clamp(free / (slots.IsShared ? _feeds.Count : QueueOf(feed.Key.Queue).Feeds.Count), 1, Arrivals.MaxSpare);

    /// <summary>Takes the slots back that are kept for calls under way of some partitions.</summary>
    /// <param name="isLate">Whether a partition's call takes long.</param>
    public void FreeLate(Predicate<PartitionFeed> isLate)
    {
        foreach (var feed in _feeds.Values)
        {
            if (feed is { IsAsking: true, Asked: > 0 } && isLate(feed))
            {
                slots.Release(feed.Key.Queue, feed.Asked);
                feed.Asked = 0;
            }
        }
    }

    /// <summary>A call was answered. One that kept no slots said nothing of what waits; claims beyond the slots that it kept take what is free, and the rest must be handed back.</summary>
    /// <param name="feed">The partition.</param>
    /// <param name="started">Claims that this worker did not hold before.</param>
    /// <param name="suspects">Suspects among them.</param>
    /// <param name="answer">What it said.</param>
    /// <param name="wasIntroduced">Whether the call listed what is held.</param>
    /// <returns>How many of the claims have a slot.</returns>
    public int Answered(PartitionFeed feed, int started, int suspects, ClaimAnswer answer, bool wasIntroduced)
    {
        var withSlot = feed.Asked >= started ? started : feed.Asked + Math.Clamp(slots.Free(feed.Key.Queue), 0, started - feed.Asked);
        _suspects += suspects;
        feed.Running += started;
        slots.Served(feed.Key.Queue, feed.Asked, started);
        feed.HasSuspect = feed.Asked > 0 ? answer.HasSuspect : feed.HasSuspect;
        feed.IsRinging |= answer.HasMore || answer.IsIntroductionNeeded || feed.Asked == 0;
        (feed.IsAsking, feed.Asked) = (false, 0);
        if (_suspectFrom == feed && !answer.IsIntroductionNeeded)
        {
            _suspectFrom = null;
        }

        RingForSuspects();
        feed.HeadPriority = Math.Max(answer.HeadPriority, feed.RungPriority); // A bell may have overtaken the answer.
        feed.MustIntroduce = answer.IsIntroductionNeeded || (!wasIntroduced && answer.Epoch != feed.Epoch);
        feed.Epoch = answer.Epoch;
        if (QueueOf(feed.Key.Queue).IsIdle)
        {
            slots.Idles(feed.Key.Queue);
        }

        return withSlot;
    }

    /// <summary>A call failed, or its answer is void: whether its claims were made is unknown, so the next one lists what is held.</summary>
    public void Failed(PartitionFeed feed)
    {
        slots.Release(feed.Key.Queue, feed.Asked);
        (feed.IsAsking, feed.Asked, feed.MustIntroduce) = (false, 0, true);
    }

    /// <summary>A handler has ended: its slot is free.</summary>
    public void Completed(PartitionFeed feed)
    {
        slots.Release(feed.Key.Queue, 1);
        feed.Running--;
    }

    /// <summary>The outcome of a suspect is recorded: it is nobody's to be blamed any more.</summary>
    public void SuspectRecorded(PartitionFeed feed)
    {
        _suspects--;
        feed.IsRinging = true;
        RingForSuspects();
    }

    private void RingForSuspects()
    {
        if (_suspectFrom is null && _suspects == 0)
        {
            foreach (var feed in _feeds.Values)
            {
                feed.IsRinging |= feed.HasSuspect;
            }
        }
    }

    private QueueFeeds QueueOf(string name)
    {
        foreach (var queue in _queues)
        {
            if (queue.Name == name)
            {
                return queue;
            }
        }

        throw new InvalidOperationException($"Queue '{name}' has no partition here.");
    }

    /// <summary>The partitions of one queue.</summary>
    private sealed class QueueFeeds(string name)
    {
        public string Name { get; } = name;

        public List<PartitionFeed> Feeds { get; } = [];

        public bool IsIdle => Feeds.TrueForAll(static feed => !feed.IsRinging && !feed.IsAsking);

        /// <summary>The one to ask: its head has the highest priority of those that ring and are not being asked; of equal ones the one not asked for longest.</summary>
        public PartitionFeed? Head()
        {
            PartitionFeed? head = null;
            foreach (var feed in Feeds)
            {
                if (feed.IsRinging && !feed.IsAsking && (head is null || feed.HeadPriority > head.HeadPriority || (feed.HeadPriority == head.HeadPriority && feed.AskedAt < head.AskedAt)))
                {
                    head = feed;
                }
            }

            return head;
        }
    }
}
