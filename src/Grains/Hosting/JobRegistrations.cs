using System.Reflection;
using Krewe.Schedules;

namespace Krewe.Hosting;

/// <summary>What the host registered, before it is checked; one per silo.</summary>
internal sealed class JobRegistrations
{
    /// <summary>Assemblies to scan, in order of registration.</summary>
    public List<Assembly> Assemblies { get; } = [];

    /// <summary>Handler classes named one by one, with what their registration sets.</summary>
    public List<(Type Handler, JobOptions Options)> Handlers { get; } = [];

    /// <summary>Schedules that code declares.</summary>
    public List<ScheduleSeed> Schedules { get; } = [];
}
