using Krewe.Queues;
using Krewe.Storage;

namespace Krewe.Dispatch;

/// <summary>The workers that ask a partition for jobs: what they handle, and whom to wake. In memory; a worker introduces itself to each epoch.</summary>
internal sealed class WorkerBells(PartitionKey key, IWorkerBell bell, TimeProvider time)
{
    /// <summary>A worker that did not ask for this long is forgotten; live ones ask every few seconds.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A worker that did not ask for this long may be away: nothing is claimed for it ahead of its call. Live ones ask every 3 seconds.</summary>
    private static readonly TimeSpan FreshFor = 2 * Worker.AskInterval;

    /// <summary>So long an owner that has just come waits for silos to introduce themselves, before it says of a name that nobody handles it. They are rung at once; one that serves other queues never comes.</summary>
    private static readonly TimeSpan MeetTime = TimeSpan.FromSeconds(5);

    private readonly long _cameAt = time.GetTimestamp();
    private readonly Dictionary<string, Known> _workers = [];
    private readonly LinkedList<Known> _idle = new();

    /// <summary>Takes note of a call; null when the worker has to introduce itself first, or has called again since: it knows nothing of an answer to this call any more.</summary>
    public Known? Meet(ClaimRequest request, long epoch)
    {
        if (_workers.TryGetValue(request.Silo, out var worker) && worker.Sequence > request.Sequence)
        {
            return null;
        }

        if (worker is null || worker.Epoch != epoch || request.Epoch != epoch)
        {
            if (request.Handlers is null || request.Held is null)
            {
                return null;
            }

            Rise(worker);
            _workers[request.Silo] = worker = new Known(request.Silo, request.WorkerName, epoch) { Arriving = worker?.Epoch == epoch ? worker.Arriving : null };
        }

        worker.Names = request.Handlers is { } names ? [.. names] : worker.Names;
        worker.SeenAt = time.GetTimestamp();
        worker.Sequence = request.Sequence;
        return worker;
    }

    /// <summary>A worker got less than it asked for: it is to be woken by new jobs.</summary>
    public void Idles(Known worker)
    {
        if (!worker.IsIdle && _workers.TryGetValue(worker.Silo, out var known) && ReferenceEquals(known, worker))
        {
            worker.Idle = _idle.AddLast(worker);
        }
    }

    /// <summary>The worker that can take these new jobs at once: it asked a moment ago, handles them all and has room for them; the longest idle, or of those about to ask the one with the most room. Null: none.</summary>
    public Known? WithSpare(JobStep[] steps, long epoch)
    {
        bool Can(Known worker) => worker.Spare >= steps.Length && worker.Epoch == epoch && time.GetElapsedTime(worker.SeenAt) < FreshFor && !bell.IsLeaving(worker.Silo) && Array.TrueForAll(steps, step => worker.Names.Contains(step.Record!.Name));
        for (var node = _idle.First; node is not null; node = node.Next)
        {
            if (Can(node.Value))
            {
                return node.Value;
            }
        }

        Known? best = null;
        foreach (var worker in _workers.Values)
        {
            if (!(worker.Spare <= best?.Spare) && Can(worker))
            {
                best = worker;
            }
        }

        return best;
    }

    /// <summary>Wakes a worker for a job that is claimed for it, unless it is about to ask by itself.</summary>
    public void Call(Known worker, int priority)
    {
        if (worker.IsIdle)
        {
            Rise(worker);
            Tell(worker, priority);
        }
    }

    /// <summary>A worker did not come for what was claimed for it.</summary>
    public void HasNoSpare(string silo)
    {
        if (_workers.TryGetValue(silo, out var worker))
        {
            worker.Spare = 0;
        }
    }

    /// <summary>Wakes as many idle workers as there are jobs, the longest idle first, and tells those at work when the head has a higher priority than they know.</summary>
    public void Ring(int jobs, int headPriority)
    {
        for (var left = Math.Max(1, jobs); left > 0 && _idle.First?.Value is { } worker;)
        {
            Rise(worker);
            if (!bell.IsLeaving(worker.Silo))
            {
                Tell(worker, headPriority);
                left--;
            }
        }

        // A worker that is busy with another partition's jobs would not ask for a higher one here before those are done.
        foreach (var worker in _workers.Values)
        {
            if (!worker.IsIdle && worker.KnownHead < headPriority && !bell.IsLeaving(worker.Silo))
            {
                Tell(worker, headPriority);
            }
        }
    }

    /// <summary>A new epoch knows no worker yet: all that there are come and introduce themselves.</summary>
    public void RingAll(IEnumerable<string> silos, int headPriority)
    {
        foreach (var silo in silos)
        {
            bell.Ring(silo, key, headPriority);
        }
    }

    /// <summary>Whether any worker that asks this partition handles a name.</summary>
    public bool IsHandled(string name) => _workers.Values.Any(worker => worker.Names.Contains(name));

    /// <summary>Whether the workers of these silos have introduced themselves, or have had the time for it.</summary>
    public bool HaveMet(IEnumerable<string> silos) => time.GetElapsedTime(_cameAt) >= MeetTime || silos.All(_workers.ContainsKey);

    /// <summary>Forgets workers that stopped asking.</summary>
    public void Sweep()
    {
        foreach (var worker in _workers.Values.Where(worker => time.GetElapsedTime(worker.SeenAt) > Patience).ToList())
        {
            Rise(worker);
            _workers.Remove(worker.Silo);
        }
    }

    /// <summary>It waits no longer among the idle ones. Who is forgotten or introduced anew does not either: a bell for it would be nobody's.</summary>
    private void Rise(Known? worker)
    {
        if (worker is { Idle: { } idle })
        {
            _idle.Remove(idle);
            worker.Idle = null;
        }
    }

    private void Tell(Known worker, int headPriority)
    {
        worker.KnownHead = headPriority;
        bell.Ring(worker.Silo, key, headPriority);
    }

    /// <summary>One worker as this partition knows it.</summary>
    internal sealed class Known(string silo, string name, long epoch)
    {
        public string Silo { get; } = silo;

        /// <summary>The silo's name, for people.</summary>
        public string Name { get; } = name;

        public long Epoch { get; } = epoch;

        public HashSet<string> Names { get; set; } = [];

        /// <summary>Its latest call, as a timestamp: a clock that is set does not make it older.</summary>
        public long SeenAt { get; set; }

        /// <summary>Of its latest call.</summary>
        public long Sequence { get; set; }

        /// <summary>Whether it was told that nothing waits, and no bell since.</summary>
        public bool IsIdle => Idle is not null;

        /// <summary>Its place among the idle ones.</summary>
        public LinkedListNode<Known>? Idle { get; set; }

        /// <summary>How many new jobs may be claimed for it as they are added, beside those that already are; 0 while it is served from the window.</summary>
        public int Spare { get; set; }

        /// <summary>The last commit that claims new jobs for it; ends with it, well or not.</summary>
        public Task? Arriving { get; set; }

        /// <summary>The head's priority as the worker was last told, by an answer or a bell; -1: nothing waited.</summary>
        public int KnownHead { get; set; } = -1;
    }
}

/// <summary>Wakes a worker, on this silo or another. Never waits, never fails: a bell that is lost costs the few seconds until the worker asks by itself.</summary>
internal interface IWorkerBell
{
    void Ring(string address, PartitionKey partition, int headPriority);

    /// <summary>Whether a silo said that it leaves: its worker takes nothing more, and a bell for it would be lost.</summary>
    bool IsLeaving(string address);
}
