namespace Krewe.Api;

/// <summary>The jobs that a flow's time was spent on, from its first step to the one that ended last or still runs.</summary>
/// <remarks>
/// <para>From the end back: a chain took the time of each of its steps, and a group that of the one member that ended last; where members still run, that of the one that runs longest.
/// So the path is the steps of each chain that were started, in order, with one member for each group. Callbacks are not on it: the flow does not wait for them.</para>
/// <para>Only groups need times. At most 200 jobs are read for them, those that run first, then the last ones of the tree, which as a rule were started last; a member of
/// which nothing is known is chosen only where no other is.</para>
/// </remarks>
internal static class CriticalPath
{
    private const int MaxReads = 200;
    private const int ReadsAtATime = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Full ids, in the order in which the jobs ran; empty while none was started.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(FlowTreeNode? root, IJobClient jobs, CancellationToken cancellationToken)
    {
        if (root is null)
        {
            return [];
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        var known = new Dictionary<string, JobInfo>();
        foreach (var ids in JobsToRead(root).Chunk(ReadsAtATime))
        {
            foreach (var info in await Task.WhenAll(ids.Select(id => FindAsync(jobs.GetHandle(id), limit.Token))))
            {
                if (info is not null)
                {
                    known[info.Id] = info;
                }
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return Of(root, known);
    }

    /// <summary>Null also where the job's partition does not answer: the flow's answer is not to wait for that.</summary>
    private static async Task<JobInfo?> FindAsync(JobHandle job, CancellationToken cancellationToken)
    {
        try
        {
            return await job.GetInfoAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>The path, as far as it is known. Pure.</summary>
    /// <param name="root">The flow.</param>
    /// <param name="known">Jobs by their ids; those whose state alone tells enough may be left out.</param>
    internal static IReadOnlyList<string> Of(FlowTreeNode root, IReadOnlyDictionary<string, JobInfo> known)
    {
        var path = new List<string>();
        Follow(root, known, path);
        return path;
    }

    /// <summary>The jobs whose times choose among the members of a group, or tell whether a cancelled one ever ran. Pure.</summary>
    internal static IReadOnlyList<string> JobsToRead(FlowTreeNode root)
    {
        var found = new List<FlowTreeNode>();
        Collect(root, isInGroup: false, found);
        found.Reverse();
        return [.. found.OrderBy(static job => job.State != JobState.Running).Select(static job => job.JobId!).Take(MaxReads)];
    }

    private static void Collect(FlowTreeNode node, bool isInGroup, List<FlowTreeNode> found)
    {
        if (node.Kind == "job" && (node.State == JobState.Cancelled || (isInGroup && node.State != JobState.Waiting)))
        {
            found.Add(node);
        }

        foreach (var child in node.Children)
        {
            Collect(child, isInGroup || node is { Kind: "group", Children.Count: > 1 }, found);
        }
    }

    private static void Follow(FlowTreeNode node, IReadOnlyDictionary<string, JobInfo> known, List<string> path)
    {
        if (node.Kind == "job" && End.Of(node, known) is not null)
        {
            path.Add(node.JobId!);
        }

        foreach (var child in node.Kind == "group" ? Last(node, known) : node.Children)
        {
            Follow(child, known, path);
        }
    }

    /// <summary>The member of a group that ended last; none where no member was started.</summary>
    private static IEnumerable<FlowTreeNode> Last(FlowTreeNode group, IReadOnlyDictionary<string, JobInfo> known) =>
        group.Children.Select(member => (Node: member, End: End.Of(member, known))).Where(static member => member.End is not null)
            .OrderByDescending(static member => member.End).Select(static member => member.Node).Take(1);

    /// <summary>When a node ended, ordered from the earliest to the latest; what still runs ends after all others, what started first the latest.</summary>
    private readonly record struct End(bool IsRunning, long Order) : IComparable<End>
    {
        public int CompareTo(End other) => (IsRunning, Order).CompareTo((other.IsRunning, other.Order));

        /// <summary>Null: it was not started.</summary>
        internal static End? Of(FlowTreeNode node, IReadOnlyDictionary<string, JobInfo> known) => node.Kind switch
        {
            "job" => OfJob(node, known.GetValueOrDefault(node.JobId!)),
            "group" => node.Children.Select(member => Of(member, known)).Max(),
            _ => node.Children.AsEnumerable().Reverse().Select(step => Of(step, known)).FirstOrDefault(static end => end is not null),
        };

        private static End? OfJob(FlowTreeNode node, JobInfo? info) => node.State switch
        {
            JobState.Waiting => null,
            JobState.Cancelled when info?.StartedAt is null => null,
            JobState.Running => new(true, info?.StartedAt is { } started ? -started.UtcTicks : long.MinValue),
            _ => new(false, info?.FinishedAt?.UtcTicks ?? 0),
        };
    }
}
