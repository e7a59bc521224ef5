namespace Krewe.Shop.Nightly;

/// <summary>What the films of one genre took, in dollars.</summary>
/// <param name="Genre">The genre.</param>
/// <param name="FilmCount">Its films.</param>
/// <param name="Worldwide">Takings in the world.</param>
/// <param name="UnitedStates">The part of it from the United States.</param>
/// <param name="BestFilm">The film that took most; null: none took anything, or it has no title.</param>
public sealed record GenreFigures(string Genre, int FilmCount, long Worldwide, long UnitedStates, string? BestFilm);
