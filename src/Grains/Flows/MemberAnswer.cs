namespace Krewe.Flows;

/// <summary>What became of a flow's job that was to be started.</summary>
internal enum MemberAnswer
{
    /// <summary>It is enqueued, runs, or has ended in this run.</summary>
    Started = 0,

    /// <summary>Its id belongs to a job that is not of this flow.</summary>
    Conflict = 1,

    /// <summary>The queue or the store takes no new work; only of jobs that are not owed.</summary>
    QueueFull = 2,

    /// <summary>It was enqueued before, and its record is gone.</summary>
    Gone = 3,
}

/// <summary>How the flow ended that took a job's place.</summary>
/// <param name="FlowId">The flow.</param>
/// <param name="State">A final state.</param>
/// <param name="Result">With Succeeded: JSON, UTF-8.</param>
/// <param name="Error">Else: the first member that did not succeed.</param>
[GenerateSerializer, Immutable, Alias("krewe.replacement-end")]
internal sealed record ReplacementEnd([property: Id(0)] string FlowId, [property: Id(1)] JobState State, [property: Id(2)] byte[]? Result, [property: Id(3)] FlowError? Error);
