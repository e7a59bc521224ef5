namespace Krewe.Jobs;

/// <summary>Under which names jobs lie parked: their own, while nobody handles it, or one that no job can have.</summary>
internal static class ParkedNames
{
    /// <summary>For jobs whose place a flow has taken.</summary>
    internal const string Replaced = "~replaced";

    /// <summary>Whether jobs are parked under a name because nobody handles it.</summary>
    internal static bool IsUnhandled(KeyValuePair<string, long> parked) => parked.Key != Replaced;
}
