namespace Krewe.Execution;

/// <summary>Makes the clients that running jobs enqueue with.</summary>
internal interface IParentedClients
{
    /// <summary>A client whose jobs carry a parent. Asked for once per attempt, and only by handlers that enqueue.</summary>
    /// <param name="jobId">The parent's full id.</param>
    /// <param name="onChild">Told the full id of each job that was enqueued; thread-safe, never throws.</param>
    IJobClient For(string jobId, Action<string> onChild);
}
