namespace Krewe.Chaos.Load;

/// <summary>Enqueues that threw.</summary>
/// <param name="Jobs">Of the steady load; their jobs may have been stored.</param>
/// <param name="Chords">Of chords; they were repeated under the same ids.</param>
internal sealed record Refused(int Jobs, int Chords);
