using Krewe.Flows;

namespace Krewe.Jobs;

/// <summary>How long the records of final jobs stay. Pure.</summary>
internal static class JobLifetimes
{
    /// <summary>How long a tombstone of an engine-made id stays: twice the client's retry budget of 60 s.</summary>
    internal static readonly TimeSpan TombstoneTtl = TimeSpan.FromMinutes(2);

    /// <summary>How long a tombstone of a caller's own id stays.</summary>
    internal static readonly TimeSpan CallerIdTombstoneTtl = TimeSpan.FromHours(1);

    /// <summary>How long a final job's id must be known, from its end.</summary>
    internal static TimeSpan OfTombstone(JobRecord record) => record.FlowId is not null ? FlowTimes.MemberTtl : record.HasCallerId ? CallerIdTombstoneTtl : TombstoneTtl;

    /// <summary>Until when a final job must stay, whatever bound takes it out of the lists: its id must be known; and a flow's job has its own time to live, which its flow prolongs.</summary>
    internal static DateTimeOffset StaysUntil(JobRecord record) => record.FlowId is not null ? DateTimeOffset.MaxValue : (record.FinishedAt ?? DateTimeOffset.UnixEpoch) + OfTombstone(record);

    internal static TimeSpan OfFailure(JobRecord record, in TransitionContext context) =>
        OfTombstone(record) is var tombstone && context.FailureTtl > tombstone ? context.FailureTtl : tombstone;

    internal static TimeSpan Of(JobRecord record)
    {
        var (result, tombstone) = (record.EffectiveSettings.EffectiveResultTtl, OfTombstone(record));
        return result > tombstone ? result : tombstone;
    }
}
