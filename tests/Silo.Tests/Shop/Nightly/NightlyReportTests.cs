using System.Text.RegularExpressions;
using System.Xml.Linq;
using Krewe.Shop.Films;
using Krewe.Shop.Nightly;
using Xunit;

namespace Krewe.Silo.Tests.Shop.Nightly;

public sealed partial class NightlyReportTests : IDisposable
{
    private static readonly DateOnly Day = new(2026, 11, 23);

    private readonly ShopFolder _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task Count_OfAGenre_GivesThePinnedFigures() =>
        Assert.Equal(new GenreFigures("Adventure", 274, 66_080_959_632, 28_618_633_010, "The Lord of the Rings: The Return of the King"), await CountAsync("Adventure"));

    [Fact]
    public async Task Count_OfAGenreThatIsNone_Fails() =>
        Assert.StartsWith("The genre must be one of the catalogue, got 'Noir'", (await Assert.ThrowsAsync<FailJobException>(() => CountAsync("Noir"))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Write_OfAllGenres_IsOneWellFormedPageWithAChart()
    {
        var summary = await WriteAsync(await CountAllAsync());

        var page = await File.ReadAllTextAsync(summary.HtmlFile, TestContext.Current.CancellationToken);
        var body = XElement.Parse(BodyOf().Match(page).Value);
        var chart = body.Descendants().Single(element => element.Name.LocalName == "svg");
        Assert.Equal((12, 2_926, Path.Combine(_shop.Options.ReportDirectory, "nightly-2026-11-23.html")), (summary.GenreCount, summary.FilmCount, summary.HtmlFile));
        Assert.Equal(12, body.Descendants("tbody").Elements("tr").Count());
        Assert.Superset(_shop.Get<FilmCatalogue>().Genres.ToHashSet(), chart.Descendants().Where(element => element.Name.LocalName == "text").Select(text => text.Value).ToHashSet());
        Assert.True(chart.Descendants().Count(element => element.Name.LocalName == "rect") >= 24);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_WhenRunAgain_WritesTheSameBytes()
    {
        var figures = await CountAllAsync();
        var first = await File.ReadAllBytesAsync((await WriteAsync(figures)).HtmlFile, TestContext.Current.CancellationToken);

        Assert.Equal(first, await File.ReadAllBytesAsync((await WriteAsync(figures)).HtmlFile, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Write_WhenAGenreIsMarkup_ShowsItAsText()
    {
        var summary = await WriteAsync([new("<script>", 1, 2_000_000_000, 1, "<b>&")]);

        var page = await File.ReadAllTextAsync(summary.HtmlFile, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;&amp;", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_WhenThereAreNoFigures_Fails() => await Assert.ThrowsAsync<FailJobException>(() => WriteAsync([]));

    private Task<GenreFigures> CountAsync(string genre) => _shop.Make<CountGenreHandler>().HandleAsync(new CountGenre(genre), new ShopContext(), TestContext.Current.CancellationToken);

    private Task<GenreFigures[]> CountAllAsync() => Task.WhenAll(_shop.Get<FilmCatalogue>().Genres.Select(CountAsync));

    private Task<NightlySummary> WriteAsync(GenreFigures[] figures) => _shop.Make<WriteNightlyPageHandler>().HandleAsync(new WriteNightlyPage(Day), new ShopContext(input: figures), TestContext.Current.CancellationToken);

    [GeneratedRegex("<main>.*</main>", RegexOptions.Singleline)]
    private static partial Regex BodyOf();
}
