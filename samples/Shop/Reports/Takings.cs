using Krewe.Shop.Films;

namespace Krewe.Shop.Reports;

/// <summary>What all films took, by genre. Pure: the same films give the same table.</summary>
/// <param name="Genres">Most takings first.</param>
/// <param name="CenturiesPutRight">Films whose year was a century too late in the file.</param>
/// <param name="WithoutTitleCount">Films without a title.</param>
internal sealed record Takings(IReadOnlyList<GenreTakings> Genres, int CenturiesPutRight, int WithoutTitleCount)
{
    public int FilmCount => Genres.Sum(genre => genre.FilmCount);

    public int WithoutGrossCount => Genres.Sum(genre => genre.WithoutGrossCount);

    public int ZeroGrossCount => Genres.Sum(genre => genre.ZeroGrossCount);

    public long Worldwide => Genres.Sum(genre => genre.Worldwide);

    public long UnitedStates => Genres.Sum(genre => genre.UnitedStates);

    /// <summary>Adds the films up, genre by genre.</summary>
    /// <param name="films">The films.</param>
    /// <param name="done">Told how many films are counted, after each genre; may throw to stop.</param>
    public static Takings Of(IReadOnlyCollection<Film> films, Action<int> done)
    {
        var genres = new List<GenreTakings>();
        var counted = 0;
        foreach (var group in films.GroupBy(film => film.Genre ?? GenreTakings.NoGenre))
        {
            genres.Add(GenreTakings.Of(group.Key, [.. group]));
            counted += genres[^1].FilmCount;
            done(counted);
        }

        return new Takings(
            [.. genres.OrderByDescending(genre => genre.Worldwide).ThenBy(genre => genre.Genre, StringComparer.Ordinal)],
            films.Count(film => film.HasCenturyPutRight),
            films.Count(film => film.Title is null));
    }
}
