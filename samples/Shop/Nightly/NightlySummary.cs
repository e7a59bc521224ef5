namespace Krewe.Shop.Nightly;

/// <summary>A page that was written, and its sums.</summary>
/// <param name="GenreCount">Genres on it.</param>
/// <param name="FilmCount">Their films.</param>
/// <param name="Worldwide">What they took in the world, in dollars.</param>
/// <param name="HtmlFile">The page.</param>
public sealed record NightlySummary(int GenreCount, int FilmCount, long Worldwide, string HtmlFile);
