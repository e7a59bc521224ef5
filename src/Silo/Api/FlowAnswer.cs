using System.Text.Json;
using System.Text.Json.Serialization;

namespace Krewe.Api;

/// <summary>A flow with its tree.</summary>
internal sealed record FlowAnswer
{
    /// <summary>The flow's id.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it; null: nothing.</summary>
    public string? Name { get; init; }

    /// <summary>Running until it is final; then as its root ended.</summary>
    public required JobState State { get; init; }

    /// <summary>The JSON value of its last step, of a group the array in the order of its members; absent until it succeeded, and where it is too large or gone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Result { get; init; }

    /// <summary>True: the result is over 1 MiB; read the members' own.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ResultTooLarge { get; init; }

    /// <summary>True: it succeeded, but the result of a member of it was removed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ResultGone { get; init; }

    /// <summary>The first member that did not succeed.</summary>
    public FlowError? Error { get; init; }

    /// <summary>Why it was cancelled, where somebody said.</summary>
    public string? Reason { get; init; }

    /// <summary>Its jobs by state.</summary>
    public required FlowCounts Counts { get; init; }

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it became final; null before.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>1, and one more with each redrive.</summary>
    public int Run { get; init; }

    /// <summary>Full id of the job whose handler enqueued it.</summary>
    public string? ParentId { get; init; }

    /// <summary>Whether all of it has arrived.</summary>
    public bool IsSealed { get; init; }

    /// <summary>The ids of the jobs that its time was spent on so far, in order.</summary>
    public required IReadOnlyList<string> CriticalPath { get; init; }

    /// <summary>The root with all below it.</summary>
    public FlowTreeNode? Tree { get; init; }

    /// <summary>True: there are more nodes than were asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool TreeCut { get; init; }
}
