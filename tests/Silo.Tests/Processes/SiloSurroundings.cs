namespace Krewe.Silo.Tests.Processes;

/// <summary>What a silo's process finds when it starts, beside its flags.</summary>
internal sealed record SiloSurroundings
{
    /// <summary>Environment variables; <c>Krewe__…</c> are settings.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether a write beyond the process's limit on the size of files fails, as on a full disk, instead of ending the process.</summary>
    public bool SurvivesFileSizeLimit { get; init; }
}
