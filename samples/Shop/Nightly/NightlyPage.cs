using System.Globalization;
using System.Net;
using System.Text;

namespace Krewe.Shop.Nightly;

/// <summary>The figures of all genres as one HTML page that needs no other file.</summary>
internal static class NightlyPage
{
    private const string Style = """
        body{margin:0;background:#f6f7f9;color:#1d2733;font:15px/1.5 system-ui,sans-serif}main{max-width:1040px;margin:0 auto;padding:40px 24px}
        h1{font-size:28px;margin:0}h1+p,figcaption{margin:4px 0 16px;color:#5d6b7a}section{background:#fff;border:1px solid #e3e7ec;border-radius:10px;padding:16px 20px;margin-bottom:16px;overflow-x:auto}
        figure{margin:0}i{display:inline-block;width:11px;height:11px;border-radius:2px;margin:0 5px 0 12px}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
        th,td{padding:6px 9px;text-align:right;border-bottom:1px solid #e3e7ec}th:first-child,td:first-child,th:last-child,td:last-child{text-align:left}tfoot td{font-weight:600;border:0}
        """;

    public static string Write(IReadOnlyCollection<GenreFigures> figures, DateOnly day)
    {
        GenreFigures[] genres = [.. figures.OrderByDescending(genre => genre.Worldwide).ThenBy(genre => genre.Genre, StringComparer.Ordinal)];
        return string.Create(CultureInfo.InvariantCulture, $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>The night of {day:yyyy-MM-dd}</title>
            <style>{Style}</style></head>
            <body><main>
            <h1>What the genres took</h1>
            <p>The film shop, {day:d MMMM yyyy}: {genres.Length} genres, {genres.Sum(genre => genre.FilmCount):N0} films</p>
            <section><figure><figcaption><i style="background:#9db8e8"></i>worldwide <i style="background:#2f5fb3"></i>of it in the United States</figcaption>
            {NightlyChart.Draw(genres)}</figure></section>
            <section><table><thead><tr><th>Genre</th><th>Films</th><th>World, $ m</th><th>US, $ m</th><th>Best film</th></tr></thead>
            <tbody>
            {Rows(genres)}</tbody>
            <tfoot><tr><td>All</td><td>{genres.Sum(genre => genre.FilmCount):N0}</td><td>{Millions(genres.Sum(genre => genre.Worldwide))}</td><td>{Millions(genres.Sum(genre => genre.UnitedStates))}</td><td></td></tr></tfoot></table></section>
            </main></body></html>

            """);
    }

    private static string Rows(IEnumerable<GenreFigures> genres)
    {
        var rows = new StringBuilder();
        foreach (var genre in genres)
        {
            rows.Append(CultureInfo.InvariantCulture, $"<tr><td>{WebUtility.HtmlEncode(genre.Genre)}</td><td>{genre.FilmCount:N0}</td><td>{Millions(genre.Worldwide)}</td><td>{Millions(genre.UnitedStates)}</td><td>{WebUtility.HtmlEncode(genre.BestFilm ?? "")}</td></tr>\n");
        }

        return rows.ToString();
    }

    private static string Millions(long dollars) => string.Create(CultureInfo.InvariantCulture, $"{dollars / 1e6:N1}");
}
