using System.Collections.Immutable;
using Krewe.Dispatch;
using Xunit;

namespace Krewe.Grains.Tests.Dispatch;

public sealed class LostTableTests
{
    private static readonly SiloAddress Self = SiloAddress.FromParsableString("127.0.0.1:1@1");
    private static readonly SiloAddress Peer = SiloAddress.FromParsableString("127.0.0.1:2@1");
    private static readonly SiloAddress Late = SiloAddress.FromParsableString("127.0.0.1:3@1");

    [Fact]
    public void NextRow_WhenTheTableIsEmpty_PutsEveryKnownRowBackFirst()
    {
        var known = Table(7, Self, Peer);

        Assert.Equal((Self, true), Next(known, Table(0), Cluster(7, Self, Peer)));
        Assert.Equal((Peer, true), Next(known, Table(1, Self), Cluster(7, Self, Peer)));
    }

    [Fact]
    public void NextRow_WhenAllAreBack_RaisesTheVersionAboveTheClusters()
    {
        var (known, cluster) = (Table(7, Self, Peer), Cluster(7, Self, Peer));

        Assert.Equal((Self, false), Next(known, Table(2, Self, Peer), cluster));
        Assert.Equal((Self, false), Next(known, Table(7, Self, Peer), cluster));
        Assert.Null(LostTable.NextRow(known, Table(8, Self, Peer), cluster, Self));
        Assert.True(LostTable.IsRestored(Table(8, Self, Peer), cluster, Self));
    }

    [Fact]
    public void NextRow_WhileAnActiveMemberHasNoRow_DoesNotRaiseTheVersion()
    {
        // It joined after the table was read last; it will put its own row back.
        var (known, cluster) = (Table(7, Self, Peer), Cluster(8, Self, Peer, Late));

        Assert.Null(LostTable.NextRow(known, Table(2, Self, Peer), cluster, Self));
        Assert.False(LostTable.IsRestored(Table(9, Self, Peer), cluster, Self));
        Assert.Equal((Self, false), Next(known, Table(3, Self, Peer, Late), cluster));
    }

    private static (SiloAddress Silo, bool IsMissing)? Next(MembershipTableData known, MembershipTableData table, ClusterMembershipSnapshot cluster) =>
        LostTable.NextRow(known, table, cluster, Self) is { } row ? (row.Entry.SiloAddress, row.IsMissing) : null;

    private static MembershipTableData Table(int version, params SiloAddress[] silos) =>
        new([.. silos.Select(silo => Tuple.Create(new MembershipEntry { SiloAddress = silo, Status = SiloStatus.Active }, "tag"))], new TableVersion(version, "tag"));

    private static ClusterMembershipSnapshot Cluster(long version, params SiloAddress[] silos) =>
        new(silos.ToImmutableDictionary(silo => silo, silo => new ClusterMember(silo, SiloStatus.Active, "silo")), new MembershipVersion(version));
}
