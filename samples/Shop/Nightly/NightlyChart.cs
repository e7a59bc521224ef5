using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Krewe.Shop.Nightly;

/// <summary>Draws takings as bars, one a genre. Pure: the same figures give the same text.</summary>
internal static class NightlyChart
{
    private const double Billion = 1e9;
    private const double Width = 960;
    private const double RowHeight = 34;
    private const double AxisHeight = 60;

    private static readonly OxyColor Soft = OxyColor.FromRgb(0x5d, 0x6b, 0x7a);
    private static readonly OxyColor Line = OxyColor.FromRgb(0xe3, 0xe7, 0xec);

    /// <summary>The chart as an SVG element.</summary>
    /// <param name="genres">Most takings first.</param>
    public static string Draw(IReadOnlyCollection<GenreFigures> genres)
    {
        var model = new PlotModel { DefaultFont = "system-ui, sans-serif", TextColor = Soft, PlotAreaBorderThickness = new OxyThickness(0), Culture = System.Globalization.CultureInfo.InvariantCulture };
        model.Axes.Add(new CategoryAxis { Position = AxisPosition.Left, StartPosition = 1, EndPosition = 0, TickStyle = TickStyle.None, ItemsSource = genres.Select(genre => genre.Genre).ToList() });
        model.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Bottom, AbsoluteMinimum = 0, Minimum = 0, MinimumPadding = 0, Title = "billion dollars", TickStyle = TickStyle.None, MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = Line,
        });
        model.Series.Add(Bars(OxyColor.FromRgb(0x9d, 0xb8, 0xe8), genres.Select(genre => genre.Worldwide)));
        model.Series.Add(Bars(OxyColor.FromRgb(0x2f, 0x5f, 0xb3), genres.Select(genre => genre.UnitedStates)));
        var svg = SvgExporter.ExportToString(model, Width, AxisHeight + (RowHeight * genres.Count), isDocument: false);
        return svg[svg.IndexOf("<svg", StringComparison.Ordinal)..]; // Without the XML declaration, which may not stand inside a page.
    }

    private static BarSeries Bars(OxyColor color, IEnumerable<long> dollars)
    {
        var bars = new BarSeries { FillColor = color, StrokeThickness = 0 };
        bars.Items.AddRange(dollars.Select(amount => new BarItem(amount / Billion)));
        return bars;
    }
}
