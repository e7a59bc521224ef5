using System.Globalization;

namespace Krewe.Storage;

/// <summary>Where the last flow of a page stands, newest first: a page costs the same wherever it begins, and does not shift when flows come and go.</summary>
/// <param name="CreatedAt">Its creation as the store orders by it: a number that grows with the instant.</param>
/// <param name="Id">Its id; of flows of one instant the highest comes first.</param>
internal readonly record struct FlowCursor(long CreatedAt, string Id)
{
    private const char Separator = ':';

    /// <summary>Reads a cursor.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    internal static FlowCursor Parse(string text)
    {
        var parts = text.Split(Separator, 2);
        return parts is [var number, var id] && long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var createdAt) && FlowLimits.IsId(id)
            ? new(createdAt, id)
            : throw new FormatException($"The cursor must be one that a page of flows gave, got '{text}'; take it from the page before, unchanged.");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{CreatedAt}{Separator}{Id}");
}
