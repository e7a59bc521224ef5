namespace Krewe.Shop.Reports;

/// <summary>A report that was written, and its sums.</summary>
/// <param name="FilmCount">All films of the catalogue.</param>
/// <param name="WithoutGrossCount">Films whose takings are unknown; they are in no sum.</param>
/// <param name="ZeroGrossCount">Films whose takings are written as 0.</param>
/// <param name="TotalGross">What all films took in the world, in dollars.</param>
/// <param name="HtmlFile">The page.</param>
/// <param name="CsvFile">The table.</param>
public sealed record TakingsSummary(int FilmCount, int WithoutGrossCount, int ZeroGrossCount, long TotalGross, string HtmlFile, string CsvFile);
