using Krewe.Shop.Films;

namespace Krewe.Shop.Reports;

/// <summary>What the films of one genre took, in dollars.</summary>
/// <param name="Genre">The genre; <see cref="NoGenre"/> for films without one.</param>
/// <param name="FilmCount">Its films.</param>
/// <param name="WithoutGrossCount">Those whose takings are unknown.</param>
/// <param name="ZeroGrossCount">Those whose takings are written as 0.</param>
/// <param name="Worldwide">Takings in the world.</param>
/// <param name="UnitedStates">The part of it from the United States.</param>
/// <param name="Median">The middle of the takings above 0; null when there are none.</param>
/// <param name="Best">The film that took most; the first by title among equals; null when none took anything.</param>
internal sealed record GenreTakings(
    string Genre, int FilmCount, int WithoutGrossCount, int ZeroGrossCount, long Worldwide, long UnitedStates, long? Median, Film? Best)
{
    public const string NoGenre = "No genre";

    public static GenreTakings Of(string genre, IReadOnlyCollection<Film> films)
    {
        var takings = films.Select(film => film.WorldwideGross ?? 0).Where(gross => gross > 0).Order().ToList();
        return new GenreTakings(
            genre,
            films.Count,
            films.Count(film => film.WorldwideGross is null),
            films.Count(film => film.WorldwideGross == 0),
            takings.Sum(),
            films.Sum(film => film.UsGross ?? 0),
            takings.Count == 0 ? null : (takings[(takings.Count - 1) / 2] + takings[takings.Count / 2]) / 2,
            films.Where(film => film.WorldwideGross > 0).OrderByDescending(film => film.WorldwideGross).ThenBy(film => film.Title, StringComparer.Ordinal).FirstOrDefault());
    }
}
