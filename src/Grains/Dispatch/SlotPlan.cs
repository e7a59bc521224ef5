namespace Krewe.Dispatch;

/// <summary>Which queue a worker with free slots serves next, and with how many slots. Pure but for its own counters; not thread-safe.</summary>
/// <remarks>
/// Stride scheduling (Waldspurger and Weihl, 1995): each queue has a pass that grows by <c>jobs / weight</c> as it is served, and the lowest pass is next. So with
/// weights 10, 5 and 1 a flood in <c>critical</c> still leaves 1 slot in 16 to <c>low</c>. A queue that was idle begins at the lowest pass of those that are not:
/// it catches up on nothing.
/// </remarks>
internal sealed class SlotPlan
{
    private const string Shared = "*";

    private readonly Dictionary<string, int> _free;
    private readonly Dictionary<string, double> _pass = [];
    private readonly Func<string, int> _weight;
    private SlotPlan(Dictionary<string, int> slots, Func<string, int> weight, bool isShared) => (_free, Slots, Total, _weight, IsShared) = (new(slots), slots, slots.Values.Sum(), weight, isShared);

    /// <summary>All slots: by queue, or one entry <c>*</c>.</summary>
    public IReadOnlyDictionary<string, int> Slots { get; }

    /// <summary>Whether all queues share the slots.</summary>
    public bool IsShared { get; }

    /// <summary>Slots in all.</summary>
    public int Total { get; }

    /// <summary>One number of slots for all queues.</summary>
    public static SlotPlan ForAll(int slots, Func<string, int> weight) => new(new() { [Shared] = slots }, weight, isShared: true);

    /// <summary>Slots of its own for each queue.</summary>
    public static SlotPlan ForEach(IReadOnlyDictionary<string, int> slots) => new(new(slots), static _ => 1, isShared: false);

    /// <summary>The weight of a queue where none is configured.</summary>
    public static int DefaultWeight(string queue) => queue switch { "critical" => 10, "low" => 1, _ => 5 };

    /// <summary>Whether this worker serves a queue at all.</summary>
    public bool Serves(string queue) => IsShared || _free.ContainsKey(queue);

    /// <summary>Free slots for a queue.</summary>
    public int Free(string queue) => _free.GetValueOrDefault(IsShared ? Shared : queue);

    /// <summary>The queue to serve next among those that have work, with the slots to ask for; null when none has a free slot. The slots are taken.</summary>
    /// <param name="withWork">Queues that have or may have work, each once.</param>
    public (string Queue, int Slots)? Next(List<string> withWork)
    {
        string? next = null;
        var weights = 0;
        foreach (var queue in withWork)
        {
            if (Free(queue) <= 0)
            {
                continue;
            }

            weights += _weight(queue);
            Enter(queue);
            if (next is null || _pass[queue] < _pass[next])
            {
                next = queue;
            }
        }

        if (next is null)
        {
            return null;
        }

        var free = Free(next);
        var share = IsShared ? Math.Max(1, (int)((long)free * _weight(next) / weights)) : free;
        _free[IsShared ? Shared : next] -= share;
        return (next, share);
    }

    /// <summary>Charges a queue for the jobs it got, and gives back the slots it did not use.</summary>
    public void Served(string queue, int asked, int got)
    {
        Release(queue, asked - got);
        if (got > 0)
        {
            Enter(queue);
            _pass[queue] += (double)got / _weight(queue);
        }
    }

    /// <summary>A queue has nothing left: when it has work again it begins level with the others.</summary>
    public void Idles(string queue) => _pass.Remove(queue);

    /// <summary>Slots are free again.</summary>
    public void Release(string queue, int slots) => _free[IsShared ? Shared : queue] += slots;

    /// <summary>Takes slots without asking the plan: for jobs that were offered again.</summary>
    public void Take(string queue, int slots) => _free[IsShared ? Shared : queue] -= slots;

    /// <summary>Gives a queue its pass when it first has work; one that moved along with the others would never be the lowest.</summary>
    private void Enter(string queue)
    {
        if (!_pass.ContainsKey(queue))
        {
            _pass[queue] = _pass.Count > 0 ? _pass.Values.Min() : 0;
        }
    }
}
