using Krewe.Jobs;

namespace Krewe.Flows;

/// <summary>A node of a <see cref="FlowPlan"/>: what it is, whom it belongs to, where it stands. Indexes are places in the plan; -1: none.</summary>
internal struct PlanNode
{
    public FlowNodeKind Kind;
    public FlowNodeRole Role;

    /// <summary>Waiting, Running (of a job: enqueued and not final), or final.</summary>
    public JobState State;

    /// <summary>Whether it was cancelled as a whole, so that nothing of it starts any more and what runs is to be cancelled.</summary>
    public bool IsStopped;

    /// <summary>Of a job: the run it was started in last.</summary>
    public int Run;

    public int Parent;
    public int FirstMember;
    public int LastMember;
    public int FirstCallback;
    public int LastCallback;

    /// <summary>The next member of the same parent, or the next callback.</summary>
    public int Next;

    /// <summary>The member before it.</summary>
    public int Before;

    /// <summary>Of a group: members that have not succeeded.</summary>
    public int Open;

    /// <summary>The first job under it that did not succeed, and for which it failed; -1: none.</summary>
    public int FailedBy;

    /// <summary>Of a job: its queue and name, as numbers of texts of the plan.</summary>
    public int Queue;
    public int Name;
    public int Partition;

    /// <summary>Of a job: its own id, where it is not the flow's id and its index.</summary>
    public string? OwnId;

    /// <summary>Of a job: what is to be enqueued when its turn comes; null once that is durable elsewhere.</summary>
    public NewJob? Job;
}
