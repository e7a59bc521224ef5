using System.Globalization;
using System.Text;

namespace Krewe.Shop.Reports;

/// <summary>The takings as RFC 4180: CRLF, a header, quotes where a field needs them, and nothing where a value is unknown.</summary>
internal static class TakingsCsv
{
    private static readonly System.Buffers.SearchValues<char> NeedsQuotes = System.Buffers.SearchValues.Create(",\"\r\n");

    public static string Write(Takings takings)
    {
        var csv = new StringBuilder();
        Append(csv, "genre", "films", "without_gross", "zero_gross", "worldwide_gross_usd", "us_gross_usd", "median_gross_usd", "best_film", "best_film_year", "best_film_gross_usd");
        foreach (var genre in takings.Genres)
        {
            Append(
                csv, genre.Genre, Number(genre.FilmCount), Number(genre.WithoutGrossCount), Number(genre.ZeroGrossCount), Number(genre.Worldwide), Number(genre.UnitedStates),
                Number(genre.Median), genre.Best?.Title ?? "", Number(genre.Best?.Year), Number(genre.Best?.WorldwideGross));
        }

        return csv.ToString();
    }

    private static void Append(StringBuilder csv, params IEnumerable<string> fields) => csv.AppendJoin(',', fields.Select(Field)).Append("\r\n");

    private static string Field(string text) => text.AsSpan().ContainsAny(NeedsQuotes)
        ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : text;

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";
}
