using System.Text.Json.Serialization;

namespace Krewe;

/// <summary>Why the token of a running attempt fired.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CancellationReason>))]
public enum CancellationReason
{
    /// <summary>It has not fired.</summary>
    None = 0,

    /// <summary>The soft time limit passed.</summary>
    SoftTimeLimit = 1,

    /// <summary>Somebody cancelled the job.</summary>
    Cancelled = 2,

    /// <summary>The silo is stopping and its drain time is over; the job is handed back unspent.</summary>
    Draining = 3,

    /// <summary>The claim is no longer this worker's; whatever the handler returns is dropped.</summary>
    ClaimLost = 4,
}
