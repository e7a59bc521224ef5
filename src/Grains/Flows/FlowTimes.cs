namespace Krewe.Flows;

/// <summary>How long flows and their members are kept, and how long they are waited for.</summary>
internal static class FlowTimes
{
    /// <summary>A flow that heard nothing for so long asks the store how its members stand.</summary>
    internal static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    /// <summary>Every flow that is open asks the store so often, whatever it hears.</summary>
    internal static readonly TimeSpan LookInterval = TimeSpan.FromMinutes(10);

    /// <summary>A flow that is not sealed and was sent nothing for so long has lost its client.</summary>
    internal static readonly TimeSpan UnsealedFor = TimeSpan.FromMinutes(5);

    /// <summary>The records of members stay at least this long after their ends; an open flow prolongs it.</summary>
    internal static readonly TimeSpan MemberTtl = TimeSpan.FromHours(24);

    /// <summary>An open flow prolongs its ended members' lives so often.</summary>
    internal static readonly TimeSpan RenewalInterval = TimeSpan.FromHours(8);

    /// <summary>The longest time that a call waits for news.</summary>
    internal static readonly TimeSpan LongestAwait = TimeSpan.FromSeconds(8);

    /// <summary>Ends that are not in the log are written after this time at the latest.</summary>
    internal static readonly TimeSpan WriteAfter = TimeSpan.FromSeconds(1);

    /// <summary>After something failed, the flow is read anew so much later.</summary>
    internal static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(2);

    /// <summary>How long a flow stays after all of it has ended: as long as its jobs' results, or, as it can be redriven, as dead letters.</summary>
    internal static TimeSpan KeepFor(JobState state, TimeSpan resultTtl, KreweOptions options) => state == JobState.Succeeded ? Longer(MemberTtl, resultTtl) : Longer(MemberTtl, options.FailureTtl);

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
