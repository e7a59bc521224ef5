using System.Diagnostics.CodeAnalysis;
using Krewe.Jobs;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime.GrainDirectory;

namespace Krewe.Placement;

/// <summary>Orleans' look-up cache without the grains whose key says where they are.</summary>
/// <remarks>
/// Orleans enters every grain that it has placed. A job's grain is new with each claim and is asked for once, so each job would leave an entry that nobody
/// looks up, and would throw out those of other grains (decision 7).
/// </remarks>
internal sealed class LookUpCache(IServiceProvider services, IOptions<GrainDirectoryOptions> options) : IGrainDirectoryCache
{
    /// <summary>
    /// For partitions, flows, schedules and what else the silo's host has. Orleans' own million makes a table of that size at once and walks through all of it for each reading of its metric,
    /// 4 ms of a processor, which the Orleans Dashboard asks for every second.
    /// </summary>
    public const int DefaultSize = 20_000;

    private readonly IGrainDirectoryCache _inner = GrainDirectoryCacheFactory.CreateGrainDirectoryCache(services, new GrainDirectoryOptions { CacheSize = options.Value.CacheSize, MaximumCacheTTL = options.Value.MaximumCacheTTL });
    private readonly GrainType _jobs = GrainType.Create(JobGrain.TypeName);

    public IEnumerable<(GrainAddress ActivationAddress, int Version)> KeyValues => _inner.KeyValues;

    public void AddOrUpdate(GrainAddress value, int version)
    {
        if (value.GrainId.Type != _jobs)
        {
            _inner.AddOrUpdate(value, version);
        }
    }

    public bool Remove(GrainId key) => key.Type != _jobs && _inner.Remove(key);

    public bool Remove(GrainAddress key) => key.GrainId.Type != _jobs && _inner.Remove(key);

    public void Clear() => _inner.Clear();

    public bool LookUp(GrainId key, [NotNullWhen(true)] out GrainAddress? result, out int version)
    {
        if (key.Type != _jobs)
        {
            return _inner.LookUp(key, out result, out version);
        }

        (result, version) = (null, 0);
        return false;
    }
}
