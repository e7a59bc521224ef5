namespace Krewe.Storage;

/// <summary>Where a job lies. Each job lies in exactly one place; every move is one atomic step of the store.</summary>
/// <remarks>The numbers are stored; they are never reused.</remarks>
[Flags]
internal enum JobPlace
{
    /// <summary>There is no such job.</summary>
    Nowhere = 0,

    /// <summary>An entry of a priority lane, ordered by position.</summary>
    Ready = 1,

    /// <summary>Waits for its instant.</summary>
    Due = 2,

    /// <summary>Nobody alive handles its name.</summary>
    Parked = 4,

    /// <summary>Claimed; the claim and its token lie beside it. It keeps its lane and position.</summary>
    Running = 8,

    /// <summary>Failed: a dead letter.</summary>
    Dead = 16,

    /// <summary>Succeeded, Cancelled or Expired: lies nowhere else, goes with its time to live.</summary>
    Done = 32,

    /// <summary>The places of a job that has not started: Ready, Due, Parked.</summary>
    Waiting = Ready | Due | Parked,

    /// <summary>The places that only a redrive leaves: Dead, Done.</summary>
    Final = Dead | Done,
}
