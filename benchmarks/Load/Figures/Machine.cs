using System.Runtime.InteropServices;

namespace Krewe.Load.Figures;

/// <summary>Where the figures come from.</summary>
internal static class Machine
{
    /// <summary>Cores, system, runtime and store, in one line.</summary>
    internal static string Describe(string storeVersion)
    {
        var system = OperatingSystem.IsLinux() ? $"Linux {Environment.OSVersion.Version}" : RuntimeInformation.OSDescription;
        return $"{Environment.ProcessorCount} cores, {system}, .NET {Environment.Version}, {storeVersion}";
    }
}
