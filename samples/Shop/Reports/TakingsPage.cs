using System.Globalization;
using System.Net;
using System.Text;

namespace Krewe.Shop.Reports;

/// <summary>The takings as one HTML page that needs no other file.</summary>
internal static class TakingsPage
{
    private const string Style = """
        :root{color-scheme:light dark;--ink:#1d2733;--soft:#5d6b7a;--line:#e3e7ec;--page:#f6f7f9;--card:#fff;--all:#9db8e8;--us:#2f5fb3}
        @media(prefers-color-scheme:dark){:root{--ink:#e8ecf1;--soft:#9aa7b5;--line:#2c3642;--page:#12171d;--card:#1a212a;--all:#35507f;--us:#86abef}}
        *{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
        main{max-width:1040px;margin:0 auto;padding:40px 24px}h1{font-size:28px;line-height:1.2;margin:0}h1+p{margin:4px 0 24px;color:var(--soft)}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(160px,1fr));gap:12px;margin-bottom:16px}
        .tiles div,section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 20px}
        .tiles b{display:block;font-size:24px;line-height:1.2}.tiles span,figcaption,td small,.notes{color:var(--soft)}
        section{margin-bottom:16px;overflow-x:auto}figure{margin:0}figcaption{margin-bottom:8px}svg{display:block;width:100%;min-width:620px;height:auto;font:13px system-ui,sans-serif}
        text{fill:var(--ink)}.value{fill:var(--soft)}.all{fill:var(--all)}.us{fill:var(--us)}i{display:inline-block;width:11px;height:11px;border-radius:2px;margin:0 5px 0 12px}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{padding:6px 9px;font-size:14px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
        th{font-weight:600;color:var(--soft);font-size:13px}th:first-child,td:first-child,th:last-child,td:last-child{text-align:left}small{display:block}td:last-child{white-space:normal;min-width:230px}
        tfoot td{font-weight:600;border:0}.notes{font-size:14px;margin:0;padding-left:18px}
        """;

    private const int RowHeight = 30;
    private const int BarLeft = 150;
    private const int BarRoom = 640;

    public static string Write(Takings takings, DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"""
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Takings by genre, {day:yyyy-MM-dd}</title>
        <style>{Style}</style></head>
        <body><main>
        <h1>Takings by genre</h1>
        <p>The film shop, {day:d MMMM yyyy}</p>
        <div class="tiles"><div><b>{Dollars(takings.Worldwide)}</b><span>worldwide</span></div><div><b>{Dollars(takings.UnitedStates)}</b><span>in the United States</span></div><div><b>{takings.FilmCount:N0}</b><span>films in {takings.Genres.Count} groups</span></div><div><b>{takings.WithoutGrossCount:N0}</b><span>films without a figure</span></div></div>
        <section><figure><figcaption>Takings in dollars <i class="all" style="background:var(--all)"></i>worldwide <i style="background:var(--us)"></i>of it in the United States</figcaption>
        {Chart(takings)}</figure></section>
        <section><table><thead><tr><th>Genre</th><th>Films</th><th>No figure</th><th>Zero</th><th>World, $ m</th><th>US, $ m</th><th>Median, $ m</th><th>Best film</th></tr></thead>
        <tbody>
        {Rows(takings)}</tbody>
        <tfoot><tr><td>All</td><td>{takings.FilmCount:N0}</td><td>{takings.WithoutGrossCount:N0}</td><td>{takings.ZeroGrossCount:N0}</td><td>{Millions(takings.Worldwide)}</td><td>{Millions(takings.UnitedStates)}</td><td></td><td></td></tr></tfoot></table></section>
        <section><ul class="notes"><li>Films without a figure, and those whose figure is 0, add nothing to the sums; the median leaves them out.</li><li>{takings.CenturiesPutRight:N0} dates were a century too late in the source and are put right; {takings.WithoutTitleCount:N0} film has no title.</li><li>Dollars of their time, not adjusted for inflation; whole dollars are in the CSV file of the same name.</li></ul></section>
        </main></body></html>

        """);

    private static string Chart(Takings takings)
    {
        var most = Math.Max(1, takings.Genres.Max(genre => genre.Worldwide));
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 880 {takings.Genres.Count * RowHeight}\" role=\"img\" aria-label=\"Takings by genre\">\n");
        foreach (var (index, genre) in takings.Genres.Index())
        {
            var (top, all, us) = (index * RowHeight, Width(genre.Worldwide, most), Width(genre.UnitedStates, most));
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{BarLeft - 10}\" y=\"{top + 19}\" text-anchor=\"end\">{WebUtility.HtmlEncode(genre.Genre)}</text>")
                .Append(CultureInfo.InvariantCulture, $"<rect class=\"all\" x=\"{BarLeft}\" y=\"{top + 5}\" width=\"{all:0.#}\" height=\"20\" rx=\"3\"/>")
                .Append(CultureInfo.InvariantCulture, $"<rect class=\"us\" x=\"{BarLeft}\" y=\"{top + 5}\" width=\"{us:0.#}\" height=\"20\" rx=\"3\"/>")
                .Append(CultureInfo.InvariantCulture, $"<text class=\"value\" x=\"{BarLeft + all + 8:0.#}\" y=\"{top + 19}\">{Dollars(genre.Worldwide)}</text>\n");
        }

        return svg.Append("</svg>").ToString();
    }

    private static double Width(long gross, long most) => (double)BarRoom * gross / most;

    private static string Rows(Takings takings)
    {
        var rows = new StringBuilder();
        foreach (var genre in takings.Genres)
        {
            rows.Append(CultureInfo.InvariantCulture, $"<tr><td>{WebUtility.HtmlEncode(genre.Genre)}</td><td>{genre.FilmCount:N0}</td><td>{genre.WithoutGrossCount:N0}</td><td>{genre.ZeroGrossCount:N0}</td>")
                .Append(CultureInfo.InvariantCulture, $"<td>{Millions(genre.Worldwide)}</td><td>{Millions(genre.UnitedStates)}</td><td>{Millions(genre.Median)}</td><td>{Best(genre)}</td></tr>\n");
        }

        return rows.ToString();
    }

    private static string Best(GenreTakings genre) => genre.Best is { } best
        ? string.Create(CultureInfo.InvariantCulture, $"{WebUtility.HtmlEncode(best.Title ?? "Untitled")} <small>{best.Year} · {Dollars(best.WorldwideGross ?? 0)}</small>")
        : "";

    private static string Millions(long? amount) => amount is { } dollars ? string.Create(CultureInfo.InvariantCulture, $"{dollars / 1e6:N1}") : "";

    private static string Dollars(long amount) => amount switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"${amount / 1e9:0.0} bn"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"${amount / 1e6:0.0} m"),
        _ => string.Create(CultureInfo.InvariantCulture, $"${amount:N0}"),
    };
}
