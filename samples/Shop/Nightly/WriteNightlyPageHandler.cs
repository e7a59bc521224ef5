using System.Text;
using Krewe.Shop.Outputs;
using Microsoft.Extensions.Options;

namespace Krewe.Shop.Nightly;

/// <summary>Writes the nightly page.</summary>
/// <param name="options">Where reports go.</param>
public sealed class WriteNightlyPageHandler(IOptions<ShopOptions> options) : IJobHandler<WriteNightlyPage, NightlySummary>
{
    /// <inheritdoc/>
    public async Task<NightlySummary> HandleAsync(WriteNightlyPage job, JobContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(context);
        if (context.Input<GenreFigures[]>() is not { Length: > 0 } genres)
        {
            throw context.Fail("The page must have figures of a genre at least, got none; put it behind a header of CountGenre jobs.");
        }

        var path = options.Value.NightlyFile(job.Day);
        await AtomicFile.WriteAsync(path, (stream, token) => stream.WriteAsync(Encoding.UTF8.GetBytes(NightlyPage.Write(genres, job.Day)), token).AsTask(), cancellationToken);
        Log.Reported(context.Logger, Path.GetFileNameWithoutExtension(path), genres.Sum(genre => genre.FilmCount));
        return new NightlySummary(genres.Length, genres.Sum(genre => genre.FilmCount), genres.Sum(genre => genre.Worldwide), path);
    }
}
