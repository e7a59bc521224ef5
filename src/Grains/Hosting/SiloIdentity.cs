using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Krewe.Hosting;

/// <summary>Who this silo is.</summary>
internal sealed class SiloIdentity(ILocalSiloDetails silo, IOptions<ClusterOptions> cluster, IClusterMembershipService membership)
{
    /// <summary>Its address with generation, parsable.</summary>
    public string Address { get; } = silo.SiloAddress.ToParsableString();

    public SiloAddress SiloAddress => silo.SiloAddress;

    public string Name => silo.Name;

    public string ClusterId => cluster.Value.ClusterId;

    /// <summary>The active silos, this one among them, parsable.</summary>
    public IEnumerable<string> ActiveSilos => membership.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress.ToParsableString());

    /// <summary>The version of membership that this silo knows now.</summary>
    public long MembershipVersion => membership.CurrentSnapshot.Version.Value;
}
