using System.Text.Json.Serialization;

namespace Krewe;

/// <summary>What happens to a job whose worker died, or was stopped, while it ran.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Delivery>))]
public enum Delivery
{
    /// <summary>It runs again (the default). A handler may start more than once, never twice at a time while its silo is alive.</summary>
    AtLeastOnce = 0,

    /// <summary>It ends as <see cref="JobState.Failed"/> (<c>Krewe.WorkerLost</c>) and is not started a second time, whether its silo died or was stopped before the handler ended.</summary>
    AtMostOnce = 1,
}
