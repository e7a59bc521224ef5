using Krewe.Execution;
using Krewe.Hosting;
using Krewe.Queues;

namespace Krewe.Dispatch;

/// <summary>Fills this silo's free slots with claimed jobs. One per silo.</summary>
/// <remarks>
/// <para>It asks the partition that <see cref="AskPlan"/> says. Bells, freed slots and the end of a call make it look again; every few seconds it asks
/// everybody, so a lost bell costs no more than that.</para>
/// <para>A slot is taken before the call and given back for what was not got; it is free again when the handler has ended, while its outcome is still on its way.
/// Outcomes on their way are bounded: beyond <see cref="MaxUnrecorded"/> or <see cref="MaxUnrecordedBytes"/> nothing is claimed, so a store that is away does not fill
/// the memory.</para>
/// </remarks>
internal sealed class Worker(
    WorkerServices services, HandlerRegistry registry, HeldClaims held, HandOver handOver, Zombies zombies, IGrainFactory grains, SiloIdentity silo)
{
    internal static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(3);
    internal static readonly TimeSpan IntroduceInterval = TimeSpan.FromSeconds(5);

    /// <summary>For longer no slot is kept for a partition that does not answer; a second, because <see cref="Tick"/> looks.</summary>
    private static readonly TimeSpan SlotsKeptFor = TimeSpan.FromSeconds(1);

    private const int MaxUnrecorded = 5_000;
    private const long MaxUnrecordedBytes = 64 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly AskPlan _asks = new(services.NewSlotPlan());
    private string[] _handlers = [];
    private bool _isStarted;
    private bool _isDraining;
    private bool _isOverrun;

    public SlotPlan Plan => _asks.Slots;

    public bool IsDraining => _isDraining;

    /// <summary>Handlers that run now.</summary>
    public int RunningCount
    {
        get
        {
            lock (_lock)
            {
                return _asks.RunningCount;
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
            foreach (var key in partitions)
            {
                if (Plan.Serves(key.Queue) && !_asks.Knows(key))
                {
                    _asks.Add(NewFeed(key));
                }
            }
        }

        Fill();
    }

    /// <summary>A partition has work.</summary>
    public void Ring(PartitionKey partition, int headPriority)
    {
        lock (_lock)
        {
            _asks.Ring(partition, headPriority);
        }

        Fill();
    }

    /// <summary>Asks every partition that was not asked for a while. Called every second.</summary>
    public void Tick()
    {
        lock (_lock)
        {
            foreach (var feed in _asks.Feeds)
            {
                if (services.Time.GetElapsedTime(feed.AskedAt) >= AskInterval)
                {
                    (feed.IsRinging, feed.HeadPriority) = (true, PartitionFeed.Unknown);
                }
            }

            _asks.FreeLate(feed => services.Time.GetElapsedTime(feed.AskedAt) >= SlotsKeptFor);
            var isOverrun = zombies.Count > services.Options.MaxZombies;
            if (isOverrun && !_isOverrun)
            {
                Log.TooManyZombies(services.Logger, zombies.Count);
            }

            _isOverrun = isOverrun;
        }

        Fill();
        IntroduceToAll();
    }

    /// <summary>A handler has ended: its slot is free, its outcome goes to the owner.</summary>
    public void Completed(HeldClaim claim, AttemptOutcome outcome)
    {
        PartitionFeed feed;
        lock (_lock)
        {
            feed = _asks.Of(claim.Job.Partition);
            _asks.Completed(feed);
        }

        if (outcome.StartedAt is { } startedAt)
        {
            services.Metrics.Ran(feed.Key.Queue, claim.Job.Record.Name, outcome.Kind.ToString(), outcome.EndedAt - startedAt);
        }

        held.Completed(claim, outcome);
        feed.Outbox.Post(outcome);
        Fill();
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

    /// <summary>This silo was declared dead: what it holds is others' by now. It takes nothing more, starts nothing, and asks what runs to end.</summary>
    public void Abandon()
    {
        StopClaiming();
        var abandoned = held.All.ToList();
        Log.DeclaredDead(services.Logger, abandoned.Count);
        foreach (var claim in abandoned)
        {
            Return(claim);
            claim.Control.Cancel(CancellationReason.ClaimLost);
        }
    }

    /// <summary>The claims of a partition that this silo holds. Answers of earlier epochs that are still on their way are refused from here on: what they claim is not in the list.</summary>
    public List<HeldClaim> ListHeld(PartitionKey partition, long epoch)
    {
        lock (_lock)
        {
            if (_asks.Knows(partition))
            {
                var feed = _asks.Of(partition);
                feed.FencedBelow = Math.Max(feed.FencedBelow, epoch);
            }

            return [.. held.Of(partition)];
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
                Running = _asks.Feeds.Where(feed => feed.Running > 0).GroupBy(feed => feed.Key.Queue).ToDictionary(queue => queue.Key, queue => queue.Sum(feed => feed.Running)),
                Handlers = [.. _handlers.Order(StringComparer.Ordinal)],
                Zombies = zombies.Count,
                IsDraining = _isDraining,
                StartedAt = services.StartedAt,
                RunningJobIds = [.. held.All.Where(claim => claim.Stage == ClaimStage.Running).Take(1_000).Select(claim => claim.Job.JobId)],
            };
        }
    }

    private PartitionFeed NewFeed(PartitionKey key)
    {
        var owner = grains.GetGrain<IDispatchGrain>(key.ToString());
        return new(key) { Owner = owner, Outbox = new OutcomeOutbox(key, owner, services.Time, services.Logger, outcome => Recorded(key, outcome)) };
    }

    /// <summary>An outcome has been answered: the claim is no longer held.</summary>
    private void Recorded(PartitionKey partition, AttemptOutcome outcome)
    {
        if (held.Remove(outcome.Token) is not { Job.Claim.IsSuspect: true })
        {
            return;
        }

        lock (_lock)
        {
            _asks.SuspectRecorded(_asks.Of(partition));
        }

        Fill();
    }

    /// <summary>Asks as long as there are free slots and partitions with work that are not being asked.</summary>
    private void Fill()
    {
        while (true)
        {
            (PartitionFeed Feed, int Slots) next;
            ClaimRequest request;
            lock (_lock)
            {
                if (!CanClaim() || _asks.Next() is not { } found)
                {
                    return;
                }

                next = found;
                request = NewRequest(next.Feed, next.Slots);
            }

            _ = AskAsync(next.Feed, request);
        }
    }

    /// <summary>Tells what it holds to partitions that it had no slot to ask: a claim that was made for it and never arrived must not wait for its slots.</summary>
    private void IntroduceToAll()
    {
        List<(PartitionFeed Feed, ClaimRequest Request)> calls = [];
        lock (_lock)
        {
            foreach (var feed in _asks.Feeds)
            {
                if (_isStarted && !feed.IsAsking && services.Time.GetElapsedTime(feed.AskedAt) >= AskInterval && services.Time.GetElapsedTime(feed.IntroducedAt) >= AskInterval)
                {
                    feed.MustIntroduce = true;
                    calls.Add((feed, NewRequest(feed, 0)));
                }
            }
        }

        calls.ForEach(call => _ = AskAsync(call.Feed, call.Request));
    }

    private bool CanClaim() => _isStarted && !_isDraining && !_isOverrun && held.Count < MaxUnrecorded + Plan.Total && held.UnrecordedBytes < MaxUnrecordedBytes;

    private ClaimRequest NewRequest(PartitionFeed feed, int slots)
    {
        var isIntroduced = feed.MustIntroduce || services.Time.GetElapsedTime(feed.IntroducedAt) >= IntroduceInterval;
        var mayTakeSuspect = _asks.Begin(feed, services.Time.GetTimestamp(), isIntroduced, slots);
        return new ClaimRequest
        {
            Silo = silo.Address,
            WorkerName = silo.Name,
            Max = slots,
            Sequence = feed.Sequence,
            Epoch = feed.Epoch,
            Held = isIntroduced ? held.TokensOf(feed.Key) : null,
            Handlers = isIntroduced ? _handlers : null,
            CanTakeSuspect = mayTakeSuspect,
            Spare = _asks.SpareOf(feed, slots),
            LowestEpoch = feed.FencedBelow,
        };
    }

    private async Task AskAsync(PartitionFeed feed, ClaimRequest request)
    {
        await Task.Yield();
        List<HeldClaim> started = [];
        var slots = 0;
        try
        {
            var answer = await feed.Owner.ClaimAsync(request);
            lock (_lock)
            {
                if (answer.Epoch < feed.FencedBelow)
                {
                    _asks.Failed(feed);
                    _asks.Ring(feed.Key, PartitionFeed.Unknown);
                }
                else
                {
                    started = handOver.TakeIn(answer);
                    slots = _asks.Answered(feed, started.Count, started.Count(claim => claim.Job.Claim.IsSuspect), answer, request.Handlers is not null);
                }
            }
        }
        catch (Exception exception)
        {
            Log.ClaimFailed(services.Logger, feed.Key, exception.Message); // Asked again at the next tick, with what is held.
            lock (_lock)
            {
                _asks.Failed(feed);
            }
        }

        for (var i = 0; i < started.Count; i++)
        {
            if (i < slots && !_isDraining)
            {
                handOver.Start(started[i], Return);
            }
            else
            {
                Return(started[i]); // Offered again, or told late, and there is no slot for it any more.
            }
        }

        Fill();
    }
}
