using Krewe.Shop.Films;
using Krewe.Shop.Reports;

namespace Krewe.Shop.Nightly;

/// <summary>Counts one genre of the catalogue.</summary>
/// <param name="catalogue">The films.</param>
public sealed class CountGenreHandler(FilmCatalogue catalogue) : IJobHandler<CountGenre, GenreFigures>
{
    /// <inheritdoc/>
    public Task<GenreFigures> HandleAsync(CountGenre job, JobContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(context);
        cancellationToken.ThrowIfCancellationRequested();
        Film[] films = [.. catalogue.Films.Where(film => film.Genre == job.Genre)];
        if (films.Length == 0)
        {
            throw context.Fail($"The genre must be one of the catalogue, got '{job.Genre}'; FilmCatalogue.Genres has them.");
        }

        var takings = GenreTakings.Of(job.Genre, films);
        return Task.FromResult(new GenreFigures(takings.Genre, takings.FilmCount, takings.Worldwide, takings.UnitedStates, takings.Best?.Title));
    }
}
