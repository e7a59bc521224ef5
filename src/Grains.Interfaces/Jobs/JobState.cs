using System.Text.Json.Serialization;

namespace Krewe;

/// <summary>Where a job stands in its life. The last four are final.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobState>))]
public enum JobState
{
    /// <summary>Waits for its instant (delay, <c>NotBefore</c> or a snooze).</summary>
    Scheduled = 0,

    /// <summary>Waits for a free slot of a worker.</summary>
    Queued = 1,

    /// <summary>Claimed by a worker; its handler runs or is about to.</summary>
    Running = 2,

    /// <summary>An attempt failed; the next one waits for its instant.</summary>
    Retrying = 3,

    /// <summary>A member of a flow whose turn has not come.</summary>
    Waiting = 4,

    /// <summary>Final: the handler returned.</summary>
    Succeeded = 5,

    /// <summary>Final: given up; kept as a dead letter that can be redriven.</summary>
    Failed = 6,

    /// <summary>Final: cancelled by a caller or by its handler.</summary>
    Cancelled = 7,

    /// <summary>Final: its expiry passed before a handler could start.</summary>
    Expired = 8,
}

/// <summary>Questions about a <see cref="JobState"/>.</summary>
public static class JobStates
{
    /// <summary>Whether the state is one that only a redrive leaves: Succeeded, Failed, Cancelled or Expired.</summary>
    /// <param name="state">Any state, known or not.</param>
    public static bool IsFinal(this JobState state) => state is JobState.Succeeded or JobState.Failed or JobState.Cancelled or JobState.Expired;

    /// <summary>Whether this version knows the state. A job in another one was put there by a newer version and is left alone.</summary>
    internal static bool IsKnown(this JobState state) => state is >= JobState.Scheduled and <= JobState.Expired;
}
