using Krewe.Execution;
using Krewe.Hosting;
using Krewe.Jobs;
using Krewe.Queues;

namespace Krewe.Dispatch;

/// <summary>Fills this silo's free slots with claimed jobs. One per silo.</summary>
/// <remarks>
/// <para>It asks the partitions that have work, the queue that <see cref="SlotPlan"/> says, the partition whose head has the highest priority; one call at a time per
/// partition. Bells, freed slots and the end of a call make it look again; every few seconds it asks everybody, so a lost bell costs no more than that.</para>
/// <para>A slot is taken before the call and given back for what was not got; it is free again when the handler has ended, while its outcome is still on its way.
/// Outcomes on their way are bounded: beyond <see cref="MaxUnrecorded"/> nothing is claimed, so a store that is away does not fill the memory.</para>
/// </remarks>
internal sealed class Worker(
    WorkerServices services, HandlerRegistry registry, HeldClaims held, Zombies zombies, IGrainFactory grains, JobGrains jobs, SiloIdentity silo)
{
    internal static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(3);
    internal static readonly TimeSpan IntroduceInterval = TimeSpan.FromSeconds(5);
    private const int MaxUnrecorded = 5_000;
    private const int MaxPerCall = 200;

    private readonly Lock _lock = new();
    private readonly Dictionary<PartitionKey, PartitionFeed> _feeds = [];
    private readonly Dictionary<string, int> _running = [];
    private readonly HashSet<string> _withWork = [];
    private string[] _handlers = [];
    private bool _hasSuspect;
    private bool _isStarted;
    private bool _isDraining;
    private bool _isOverrun;

    public SlotPlan Plan { get; } = services.NewSlotPlan();

    public bool IsDraining => _isDraining;

    /// <summary>Handlers that run now.</summary>
    public int RunningCount
    {
        get
        {
            lock (_lock)
            {
                return _running.Values.Sum();
            }
        }
    }

    /// <summary>Begins to claim.</summary>
    public void Start()
    {
        lock (_lock)
        {
            _handlers = [.. registry.Names];
            _isStarted = true;
        }

        Fill();
    }

    /// <summary>Claims nothing more. What runs goes on.</summary>
    public void StopClaiming()
    {
        lock (_lock)
        {
            _isDraining = true;
        }
    }

    /// <summary>Takes note of the partitions that exist; new ones are asked at once.</summary>
    public void Know(IEnumerable<PartitionKey> partitions)
    {
        lock (_lock)
        {
            foreach (var key in partitions.Where(key => Plan.Serves(key.Queue) && !_feeds.ContainsKey(key)))
            {
                _feeds[key] = NewFeed(key);
            }
        }

        Fill();
    }

    /// <summary>A partition has work.</summary>
    public void Ring(PartitionKey partition, int headPriority)
    {
        lock (_lock)
        {
            if (!_feeds.TryGetValue(partition, out var feed))
            {
                return;
            }

            feed.IsRinging = true;
            feed.RungPriority = Math.Max(feed.RungPriority, headPriority);
            feed.HeadPriority = Math.Max(feed.HeadPriority, headPriority);
        }

        Fill();
    }

    /// <summary>Asks every partition that was not asked for a while. Called every second.</summary>
    public void Tick()
    {
        lock (_lock)
        {
            foreach (var feed in _feeds.Values.Where(feed => services.Time.GetElapsedTime(feed.AskedAt) >= AskInterval))
            {
                (feed.IsRinging, feed.HeadPriority) = (true, PartitionFeed.Unknown);
            }

            var isOverrun = zombies.Count > services.Options.MaxZombies;
            if (isOverrun && !_isOverrun)
            {
                Log.TooManyZombies(services.Logger, zombies.Count);
            }

            _isOverrun = isOverrun;
        }

        Fill();
    }

    /// <summary>A handler has ended: its slot is free, its outcome goes to the owner.</summary>
    public void Completed(HeldClaim claim, AttemptOutcome outcome)
    {
        var queue = claim.Job.Partition.Queue;
        lock (_lock)
        {
            Plan.Release(queue, 1);
            _running[queue] = _running.GetValueOrDefault(queue) - 1;
            if (claim.Job.Claim.IsSuspect)
            {
                _hasSuspect = false;
                _feeds[claim.Job.Partition].IsRinging = true;
            }
        }

        if (outcome.StartedAt is { } startedAt)
        {
            services.Metrics.Ran(queue, claim.Job.Record.Name, outcome.Kind.ToString(), outcome.EndedAt - startedAt);
        }

        OutboxOf(claim.Job.Partition).Post(outcome);
        Fill();
    }

    /// <summary>Tells the owners of handlers that still run that this silo leaves; best effort, a claim whose owner is not told is merely charged.</summary>
    public async Task LeaveAsync()
    {
        foreach (var group in held.All.Where(claim => claim.Stage == ClaimStage.Running).GroupBy(claim => claim.Job.Partition))
        {
            try
            {
                await grains.GetGrain<IDispatchGrain>(group.Key.ToString()).LeaveAsync([.. group.Select(claim => claim.Job.Record.Id)], [.. group.Select(claim => claim.Job.Token)]);
            }
            catch (Exception exception) when (exception is KreweException or OrleansException or TimeoutException)
            {
                Log.OutcomesWait(services.Logger, group.Count(), group.Key, exception.Message);
            }
        }
    }

    /// <summary>A handler is about to start.</summary>
    public void Started(HeldClaim claim)
    {
        if (services.Events.IsWatched)
        {
            var job = claim.Job;
            services.Events.Publish(new JobEvent("job.started", job.JobId, job.Record.Name, job.Partition.Queue, JobState.Running, job.Attempt, services.Time.GetUtcNow()));
        }
    }

    /// <summary>Hands a claim back that was not started here.</summary>
    public void Return(HeldClaim claim)
    {
        if (claim.TryReturn())
        {
            Completed(claim, new AttemptOutcome { Id = claim.Job.Record.Id, Token = claim.Job.Token, Kind = OutcomeKind.Released, EndedAt = services.Time.GetUtcNow() });
        }
    }

    /// <summary>What people see of this worker.</summary>
    public WorkerInfo Describe()
    {
        lock (_lock)
        {
            return new WorkerInfo
            {
                Name = silo.Name,
                Silo = silo.Address,
                Slots = Plan.Slots.ToDictionary(),
                Running = _running.Where(entry => entry.Value > 0).ToDictionary(),
                Handlers = [.. _handlers.Order(StringComparer.Ordinal)],
                Zombies = zombies.Count,
                IsDraining = _isDraining,
                StartedAt = services.StartedAt,
                RunningJobIds = [.. held.All.Where(claim => claim.Stage == ClaimStage.Running).Take(1_000).Select(claim => claim.Job.JobId)],
            };
        }
    }

    private OutcomeOutbox OutboxOf(PartitionKey partition)
    {
        lock (_lock)
        {
            return _feeds[partition].Outbox;
        }
    }

    private PartitionFeed NewFeed(PartitionKey key)
    {
        var owner = grains.GetGrain<IDispatchGrain>(key.ToString());
        return new(key) { Owner = owner, Outbox = new OutcomeOutbox(key, owner, services.Time, services.Logger, outcome => held.Remove(outcome.Token)) };
    }

    /// <summary>Asks as long as there are free slots and partitions with work that are not being asked.</summary>
    private void Fill()
    {
        while (true)
        {
            PartitionFeed feed;
            int slots;
            ClaimRequest request;
            lock (_lock)
            {
                if (!CanClaim() || Plan.Next(QueuesWithWork()) is not { } next)
                {
                    return;
                }

                feed = _feeds.Values.Where(feed => feed.Key.Queue == next.Queue && feed.IsRinging && !feed.IsAsking).MaxBy(feed => (feed.HeadPriority, -feed.AskedAt))!; // Among equal heads in turn.
                slots = Math.Min(next.Slots, MaxPerCall);
                Plan.Release(next.Queue, next.Slots - slots);
                request = NewRequest(feed, slots);
            }

            _ = AskAsync(feed, slots, request);
        }
    }

    private bool CanClaim() => _isStarted && !_isDraining && !_isOverrun && held.Count < MaxUnrecorded + Plan.Total;

    private HashSet<string> QueuesWithWork()
    {
        _withWork.Clear(); // Reused: this runs once per finished job.
        foreach (var feed in _feeds.Values)
        {
            if (feed.IsRinging && !feed.IsAsking)
            {
                _withWork.Add(feed.Key.Queue);
            }
        }

        return _withWork;
    }

    private ClaimRequest NewRequest(PartitionFeed feed, int slots)
    {
        var mustIntroduce = feed.MustIntroduce || services.Time.GetElapsedTime(feed.IntroducedAt) >= IntroduceInterval;
        (feed.IsAsking, feed.IsRinging, feed.AskedAt) = (true, false, services.Time.GetTimestamp());
        feed.IntroducedAt = mustIntroduce ? feed.AskedAt : feed.IntroducedAt;
        feed.RungPriority = -1;
        return new ClaimRequest
        {
            Silo = silo.Address,
            WorkerName = silo.Name,
            Max = slots,
            Sequence = ++feed.Sequence,
            Epoch = feed.Epoch,
            Held = mustIntroduce ? held.TokensOf(feed.Key) : null,
            Handlers = mustIntroduce ? _handlers : null,
            CanTakeSuspect = !_hasSuspect && !_feeds.Values.Any(other => other != feed && other.IsAsking),
        };
    }

    private async Task AskAsync(PartitionFeed feed, int slots, ClaimRequest request)
    {
        await Task.Yield();
        List<HeldClaim> started = [];
        try
        {
            var answer = await feed.Owner.ClaimAsync(request);
            lock (_lock)
            {
                started = TakeIn(feed, slots, request, answer);
            }
        }
        catch (Exception exception)
        {
            Log.ClaimFailed(services.Logger, feed.Key, exception.Message); // Asked again at the next tick, with what is held.
            lock (_lock)
            {
                (feed.IsAsking, feed.MustIntroduce) = (false, true);
                Plan.Release(feed.Key.Queue, slots);
            }
        }

        started.ForEach(HandOver);
        Fill();
    }

    private List<HeldClaim> TakeIn(PartitionFeed feed, int slots, ClaimRequest request, ClaimAnswer answer)
    {
        var started = new List<HeldClaim>(answer.Claims.Length);
        foreach (var job in answer.Claims)
        {
            var claim = new HeldClaim(job, services.NewControl(job));
            if (held.TryAdd(claim))
            {
                started.Add(claim);
                _hasSuspect |= job.Claim.IsSuspect;
            }
        }

        _running[feed.Key.Queue] = _running.GetValueOrDefault(feed.Key.Queue) + started.Count;
        Plan.Served(feed.Key.Queue, slots, started.Count);
        feed.IsAsking = false;
        feed.IsRinging |= answer.HasMore || answer.IsIntroductionNeeded;
        feed.HeadPriority = Math.Max(answer.HeadPriority, feed.RungPriority); // A bell may have overtaken the answer.
        feed.MustIntroduce = answer.IsIntroductionNeeded || answer.Epoch != (request.Handlers is null ? feed.Epoch : answer.Epoch);
        feed.Epoch = answer.Epoch;
        if (!feed.IsRinging && !_feeds.Values.Any(other => other.Key.Queue == feed.Key.Queue && (other.IsRinging || other.IsAsking)))
        {
            Plan.Idles(feed.Key.Queue);
        }

        return started;
    }

    private void HandOver(HeldClaim claim)
    {
        if (_isDraining)
        {
            Return(claim);
            return;
        }

        var start = jobs.Of(claim.Job, silo.Address).StartAsync(claim.Job.Token);
        if (!start.IsCompletedSuccessfully)
        {
            _ = WatchStartAsync(claim, start);
        }
    }

    private async Task WatchStartAsync(HeldClaim claim, Task<bool> start)
    {
        try
        {
            await start;
        }
        catch (Exception exception)
        {
            if (claim.Stage == ClaimStage.Handed)
            {
                Log.StartFailed(services.Logger, claim.Job.JobId, exception.Message);
                Return(claim);
            }
        }
    }
}
