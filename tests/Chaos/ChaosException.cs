namespace Krewe.Chaos;

/// <summary>The cluster did not do what a fault expects of it, so the run proves nothing more.</summary>
internal sealed class ChaosException(string message) : Exception(message);
