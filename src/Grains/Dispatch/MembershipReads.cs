namespace Krewe.Dispatch;

/// <summary>Reads membership for those who serve jobs.</summary>
internal static class MembershipReads
{
    /// <summary>Reads the membership table anew. It lies in the store, and fails as that does.</summary>
    /// <exception cref="StoreUnavailableException">The table was not read.</exception>
    internal static async Task ReadAnewAsync(this IClusterMembershipService membership)
    {
        try
        {
            await membership.Refresh();
        }
        catch (Exception exception) when (exception is not (OrleansException or OperationCanceledException or ObjectDisposedException))
        {
            // Whatever the table's driver throws, whoever asked for a job's partition asked a store.
            throw new StoreUnavailableException("The membership table was not read; ask again when its store is well.", exception);
        }
    }
}
