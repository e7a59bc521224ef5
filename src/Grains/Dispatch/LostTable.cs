namespace Krewe.Dispatch;

/// <summary>How a lost membership table is put back, one write after the other. Pure.</summary>
internal static class LostTable
{
    /// <summary>Whether a silo has a row.</summary>
    internal static bool Has(MembershipTableData table, SiloAddress silo) => table.Members.Any(row => row.Item1.SiloAddress.Equals(silo));

    /// <summary>The next row to write; null: nothing more can be done now.</summary>
    /// <param name="known">The table as it was read last before it was lost.</param>
    /// <param name="table">The table as it is.</param>
    /// <param name="cluster">The cluster as this silo sees it.</param>
    /// <param name="self">This silo.</param>
    /// <remarks>First every row that was known. Then this silo's row again and again, because each write raises the version by one, until it is above the cluster's; but not before every active member is back.</remarks>
    internal static LostRow? NextRow(MembershipTableData known, MembershipTableData table, ClusterMembershipSnapshot cluster, SiloAddress self)
    {
        if (known.Members.FirstOrDefault(row => !Has(table, row.Item1.SiloAddress)) is { } missing)
        {
            return new LostRow(missing.Item1, missing.Item2, IsMissing: true);
        }

        return table.Version.Version <= cluster.Version.Value && HasAll(table, cluster) && table.Members.FirstOrDefault(row => row.Item1.SiloAddress.Equals(self)) is { } own
            ? new LostRow(own.Item1, own.Item2, IsMissing: false)
            : null;
    }

    /// <summary>Whether the table is news to the cluster, and takes nobody out of it.</summary>
    internal static bool IsRestored(MembershipTableData table, ClusterMembershipSnapshot cluster, SiloAddress self) => Has(table, self) && table.Version.Version > cluster.Version.Value && HasAll(table, cluster);

    private static bool HasAll(MembershipTableData table, ClusterMembershipSnapshot cluster) =>
        cluster.Members.Values.Where(member => member.Status == SiloStatus.Active).All(member => Has(table, member.SiloAddress));
}

/// <summary>A row to write.</summary>
/// <param name="Entry">What it says.</param>
/// <param name="ETag">With a row that is there: its tag.</param>
/// <param name="IsMissing">Whether it is to be inserted.</param>
internal sealed record LostRow(MembershipEntry Entry, string ETag, bool IsMissing);
