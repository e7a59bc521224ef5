using System.Text.Json.Serialization;

namespace Krewe.Shop.Films;

/// <summary>One film, as the file has it: any of these may be missing.</summary>
public sealed record Film
{
    /// <summary>The title. Some are written as numbers in the file (1776, 300, 21); one film has none.</summary>
    [JsonPropertyName("Title"), JsonConverter(typeof(TitleConverter))]
    public string? Title { get; init; }

    /// <summary>Takings in the United States, in dollars; null: unknown.</summary>
    [JsonPropertyName("US Gross")]
    public long? UsGross { get; init; }

    /// <summary>Takings in the whole world, in dollars; null: unknown.</summary>
    [JsonPropertyName("Worldwide Gross")]
    public long? WorldwideGross { get; init; }

    /// <summary>The genre; null: unknown.</summary>
    [JsonPropertyName("Major Genre")]
    public string? Genre { get; init; }

    /// <summary>Who brings it to cinemas; null: unknown.</summary>
    [JsonPropertyName("Distributor")]
    public string? Distributor { get; init; }

    /// <summary>The first showing, as <c>Jun 12 1998</c>; see <see cref="Year"/>.</summary>
    [JsonPropertyName("Release Date")]
    public string? ReleaseDate { get; init; }

    /// <summary>The year of the first showing; null when the date has none.</summary>
    /// <remarks>The file was made in 2010 from two-digit years and knows films up to 2011, so "Gone with the Wind" of "Dec 15 2039" is of 1939.</remarks>
    [JsonIgnore]
    public int? Year => WrittenYear is > LastYear ? WrittenYear - 100 : WrittenYear;

    /// <summary>Whether the date in the file is a century too late.</summary>
    [JsonIgnore]
    public bool HasCenturyPutRight => WrittenYear is > LastYear;

    private const int LastYear = 2011;

    private int? WrittenYear => ReleaseDate is { Length: >= 4 } date && int.TryParse(date.AsSpan(date.Length - 4), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var year)
        ? year
        : null;
}
