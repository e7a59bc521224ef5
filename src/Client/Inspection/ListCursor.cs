using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Krewe.Definitions;

namespace Krewe.Inspection;

/// <summary>Where a listing goes on: a partition, and that partition's own cursor. Opaque to callers: base64url.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Partition">The partition.</param>
/// <param name="After">The partition's cursor; null: from its start.</param>
internal readonly record struct ListCursor(string Queue, int Partition, string? After)
{
    private const string Version = "1";

    internal string Format() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{Version}\n{Queue}\n{Partition}{(After is null ? "" : "\n" + After)}")));

    /// <exception cref="InvalidJobException">The text is no cursor of a listing, or of another queue's.</exception>
    internal static ListCursor Parse(string text, string? onlyQueue)
    {
        var parts = Base64Url.IsValid(text) ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('\n', 4) : [];
        return parts is [Version, var queue, var partition, ..]
            && JobIds.IsName(queue)
            && (onlyQueue is null || onlyQueue == queue)
            && int.TryParse(partition, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(queue, number, parts.Length > 3 ? parts[3] : null)
            : throw new InvalidJobException($"After must be the Next of a page of the same query, got {Violations.Quote(text)}; leave it out for the first page.");
    }
}
