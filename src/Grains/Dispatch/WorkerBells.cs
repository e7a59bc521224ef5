using Krewe.Queues;

namespace Krewe.Dispatch;

/// <summary>The workers that ask a partition for jobs: what they handle, and whom to wake. In memory; a worker introduces itself to each epoch.</summary>
internal sealed class WorkerBells(PartitionKey key, IWorkerBell bell, TimeProvider time)
{
    /// <summary>A worker that did not ask for this long is forgotten; live ones ask every few seconds.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, Known> _workers = [];
    private readonly Queue<Known> _idle = new();

    /// <summary>Takes note of a call; null when the worker has to introduce itself first.</summary>
    public Known? Meet(ClaimRequest request, long epoch)
    {
        if (!_workers.TryGetValue(request.Silo, out var worker) || worker.Epoch != epoch || request.Epoch != epoch)
        {
            if (request.Handlers is null || request.Held is null)
            {
                return null;
            }

            _workers[request.Silo] = worker = new Known(request.Silo, epoch);
        }

        worker.Names = request.Handlers is { } names ? [.. names] : worker.Names;
        worker.SeenAt = time.GetUtcNow();
        return worker;
    }

    /// <summary>A worker got less than it asked for: it is to be woken by new jobs.</summary>
    public void Idles(Known worker)
    {
        if (!worker.IsIdle)
        {
            worker.IsIdle = true;
            _idle.Enqueue(worker);
        }
    }

    /// <summary>Wakes as many idle workers as there are jobs, the longest idle first, and tells those at work when the head has a higher priority than they know.</summary>
    public void Ring(int jobs, int headPriority)
    {
        for (var i = 0; i < Math.Max(1, jobs) && _idle.TryDequeue(out var worker); i++)
        {
            worker.IsIdle = false;
            if (_workers.TryGetValue(worker.Silo, out var known) && ReferenceEquals(known, worker))
            {
                Tell(worker, headPriority);
            }
        }

        // A worker that is busy with another partition's jobs would not ask for a higher one here before those are done.
        foreach (var worker in _workers.Values)
        {
            if (!worker.IsIdle && worker.KnownHead < headPriority)
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

    /// <summary>Forgets workers that stopped asking.</summary>
    public void Sweep()
    {
        var before = time.GetUtcNow() - Patience;
        foreach (var worker in _workers.Values.Where(worker => worker.SeenAt < before).ToList())
        {
            _workers.Remove(worker.Silo);
        }
    }

    private void Tell(Known worker, int headPriority)
    {
        worker.KnownHead = headPriority;
        bell.Ring(worker.Silo, key, headPriority);
    }

    /// <summary>One worker as this partition knows it.</summary>
    internal sealed class Known(string silo, long epoch)
    {
        public string Silo { get; } = silo;

        public long Epoch { get; } = epoch;

        public HashSet<string> Names { get; set; } = [];

        public DateTimeOffset SeenAt { get; set; }

        public bool IsIdle { get; set; }

        /// <summary>The head's priority as the worker was last told, by an answer or a bell; -1: nothing waited.</summary>
        public int KnownHead { get; set; } = -1;
    }
}

/// <summary>Wakes a worker, on this silo or another. Never waits, never fails: a bell that is lost costs the few seconds until the worker asks by itself.</summary>
internal interface IWorkerBell
{
    void Ring(string address, PartitionKey partition, int headPriority);
}
