using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Krewe.Shop.Films;
using Krewe.Shop.Reports;
using Xunit;

namespace Krewe.Silo.Tests.Shop.Reports;

public sealed partial class TakingsReportHandlerTests : IDisposable
{
    private static readonly DateOnly Day = new(2026, 11, 23);

    private readonly ShopFolder _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task Handle_OverAllFilms_GivesThePinnedTotals()
    {
        var summary = await RunAsync();

        Assert.Equal(3201, summary.FilmCount);
        Assert.Equal(7, summary.WithoutGrossCount);
        Assert.Equal(47, summary.ZeroGrossCount);
        Assert.Equal(272_586_820_052, summary.TotalGross);
        Assert.Equal(Path.Combine(_shop.Options.ReportDirectory, "takings-2026-11-23.html"), summary.HtmlFile);
        Assert.Equal(["reports/takings-2026-11-23.csv", "reports/takings-2026-11-23.html"], _shop.Files());
    }

    [Fact]
    public async Task Handle_PerGenre_AgreesWithASecondCountOfTheFile()
    {
        var expected = await CountAgainAsync();

        var summary = await RunAsync();

        var lines = (await File.ReadAllTextAsync(summary.CsvFile, TestContext.Current.CancellationToken)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var written = lines.Skip(1).Select(line => line.Split(',')).ToDictionary(cells => cells[0], cells => string.Join(' ', cells[1..6]));
        Assert.Equal(expected.OrderBy(pair => pair.Key, StringComparer.Ordinal), written.OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Handle_AsCsv_HasAHeaderAndTheGenresByTakings()
    {
        var summary = await RunAsync();

        var csv = await File.ReadAllTextAsync(summary.CsvFile, TestContext.Current.CancellationToken);
        var lines = csv.Split("\r\n");
        Assert.Equal("genre,films,without_gross,zero_gross,worldwide_gross_usd,us_gross_usd,median_gross_usd,best_film,best_film_year,best_film_gross_usd", lines[0]);
        Assert.Equal(PinnedFirst, lines[1]);
        Assert.Equal(PinnedLast, lines[^2]);
        Assert.Equal("", lines[^1]);
        Assert.Equal(15, lines.Length);
        Assert.DoesNotContain("\n", csv.Replace("\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handle_AsPage_IsWellFormedAndNeedsNoOtherFile()
    {
        var summary = await RunAsync();

        var page = await File.ReadAllTextAsync(summary.HtmlFile, TestContext.Current.CancellationToken);
        var body = XElement.Parse(BodyOf().Match(page).Value.Replace("&nbsp;", " ", StringComparison.Ordinal));
        Assert.Equal(13 * 2, body.Descendants("rect").Count());
        Assert.Equal(13, body.Descendants("tbody").Elements("tr").Count());
        Assert.Contains("272,586.8", body.Descendants("tfoot").Single().Value, StringComparison.Ordinal);
        Assert.Contains("22 dates were a century too late", body.Value, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handle_WhileItCounts_TellsHowFarItIs()
    {
        var context = new ShopContext();

        await RunAsync(context);

        Assert.Equal(13, context.Progress.Count);
        Assert.Equal((3201, 3201), context.Progress[^1]);
        Assert.Equal(context.Progress.OrderBy(progress => progress.Done), context.Progress);
    }

    [Fact]
    public async Task Handle_WhenRunAgain_WritesTheSameBytes()
    {
        var first = await File.ReadAllBytesAsync((await RunAsync()).HtmlFile, TestContext.Current.CancellationToken);

        var second = await File.ReadAllBytesAsync((await RunAsync()).HtmlFile, TestContext.Current.CancellationToken);

        Assert.Equal(first, second);
    }

    [Fact]
    public async Task Handle_WhenCancelled_WritesNothing()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _shop.Make<TakingsReportHandler>().HandleAsync(new TakingsReport(Day), new ShopContext(), cancel.Token));

        Assert.Empty(_shop.Files());
    }

    [Fact]
    public void Write_WhenAFieldHasCommasQuotesOrLines_QuotesItByRfc4180()
    {
        var takings = Takings.Of([new Film { Title = "He said \"no\", twice\r\n", Genre = "a,b", WorldwideGross = 10, ReleaseDate = "Dec 15 2039" }, new Film { Genre = "plain" }], _ => { });

        var csv = TakingsCsv.Write(takings);

        Assert.EndsWith("\r\n\"a,b\",1,0,0,10,0,10,\"He said \"\"no\"\", twice\r\n\",1939,10\r\nplain,1,1,0,0,0,,,,\r\n", csv, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_WhenATitleIsMarkup_ShowsItAsText()
    {
        var takings = Takings.Of([new Film { Title = "<script>alert(1)</script>", Genre = "<b>", WorldwideGross = 10 }], _ => { });

        var page = TakingsPage.Write(takings, Day);

        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>&", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WhenTheCountIsEven_TakesTheMiddleOfTheTwoAndLeavesZerosOut()
    {
        long?[] grosses = [4, 10, 0, null, 1, 100];

        var genre = GenreTakings.Of("x", [.. grosses.Select(gross => new Film { WorldwideGross = gross })]);

        Assert.Equal(7, genre.Median);
        Assert.Equal((6, 1, 1, 115), (genre.FilmCount, genre.WithoutGrossCount, genre.ZeroGrossCount, genre.Worldwide));
    }

    private Task<TakingsSummary> RunAsync(ShopContext? context = null) =>
        _shop.Make<TakingsReportHandler>().HandleAsync(new TakingsReport(Day), context ?? new ShopContext(), TestContext.Current.CancellationToken);

    /// <summary>The same sums by other means: no type of the shop, one pass over the raw JSON.</summary>
    private async Task<Dictionary<string, string>> CountAgainAsync()
    {
        await using var file = File.OpenRead(_shop.Options.FilmsFile);
        using var document = await JsonDocument.ParseAsync(file, cancellationToken: TestContext.Current.CancellationToken);
        var sums = new Dictionary<string, long[]>();
        foreach (var film in document.RootElement.EnumerateArray())
        {
            var genre = film.GetProperty("Major Genre").GetString() ?? "No genre";
            if (!sums.TryGetValue(genre, out var sum))
            {
                sums[genre] = sum = new long[5];
            }

            var worldwide = film.GetProperty("Worldwide Gross");
            var unitedStates = film.GetProperty("US Gross");
            sum[0]++;
            sum[1] += worldwide.ValueKind == JsonValueKind.Null ? 1 : 0;
            sum[2] += worldwide.ValueKind == JsonValueKind.Number && worldwide.GetInt64() == 0 ? 1 : 0;
            sum[3] += worldwide.ValueKind == JsonValueKind.Number ? worldwide.GetInt64() : 0;
            sum[4] += unitedStates.ValueKind == JsonValueKind.Number ? unitedStates.GetInt64() : 0;
        }

        return sums.ToDictionary(pair => pair.Key, pair => string.Join(' ', pair.Value));
    }

    [GeneratedRegex("<main>.*</main>", RegexOptions.Singleline)]
    private static partial Regex BodyOf();

    private const string PinnedFirst = "Adventure,274,0,2,66080959632,28618633010,133473461,The Lord of the Rings: The Return of the King,2003,1133027325";
    private const string PinnedLast = "Concert/Performance,5,0,0,153622009,135252964,22664070,Hannah Montana/Miley Cyrus: Best of Both Worlds Concert Tour,2008,71281781";
}
