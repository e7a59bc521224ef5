using System.Globalization;
using System.Text;
using Krewe.Shop.Films;
using Krewe.Shop.Outputs;
using Microsoft.Extensions.Options;

namespace Krewe.Shop.Reports;

/// <summary>Writes the takings report.</summary>
/// <param name="catalogue">The films.</param>
/// <param name="options">Where reports go.</param>
public sealed class TakingsReportHandler(FilmCatalogue catalogue, IOptions<ShopOptions> options) : IJobHandler<TakingsReport, TakingsSummary>
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <inheritdoc/>
    public async Task<TakingsSummary> HandleAsync(TakingsReport job, JobContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(context);
        var films = catalogue.Films;
        var takings = Takings.Of(films, counted =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            context.ReportProgress(counted, films.Count, "films counted");
        });

        var name = string.Create(CultureInfo.InvariantCulture, $"takings-{job.Day:yyyy-MM-dd}");
        var html = await WriteAsync($"{name}.html", TakingsPage.Write(takings, job.Day), cancellationToken);
        var csv = await WriteAsync($"{name}.csv", TakingsCsv.Write(takings), cancellationToken);
        Log.Reported(context.Logger, name, takings.FilmCount);
        return new TakingsSummary(takings.FilmCount, takings.WithoutGrossCount, takings.ZeroGrossCount, takings.Worldwide, html, csv);
    }

    private async Task<string> WriteAsync(string name, string text, CancellationToken cancellationToken)
    {
        var path = Path.Combine(options.Value.ReportDirectory, name);
        await AtomicFile.WriteAsync(path, (stream, token) => stream.WriteAsync(Utf8.GetBytes(text), token).AsTask(), cancellationToken);
        return path;
    }
}
