namespace Krewe.Shop.Nightly;

/// <summary>Adds up what the films of one genre took.</summary>
/// <param name="Genre">The genre, as in the catalogue.</param>
[Job("reports.count_genre", Queue = "low", MaxRetries = 1, SoftTimeLimitSeconds = 30)]
public sealed record CountGenre(string Genre) : IJob<GenreFigures>;
