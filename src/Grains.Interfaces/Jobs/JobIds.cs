using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Krewe;

/// <summary>Job ids: <c>&lt;queue&gt;~&lt;partition&gt;~&lt;id&gt;</c>, one URL path segment.</summary>
internal static class JobIds
{
    internal const int MaxIdLength = 128;
    internal const int MaxNameLength = 100;

    internal static string Format(string queue, int partition, string id) => string.Create(CultureInfo.InvariantCulture, $"{queue}~{partition}~{id}");

    /// <summary>Splits a full id; false when it is not of the form of this class.</summary>
    internal static bool TryParse(string? jobId, out string queue, out int partition, out string id)
    {
        (queue, partition, id) = ("", 0, "");
        if (jobId is null)
        {
            return false;
        }

        var first = jobId.IndexOf('~', StringComparison.Ordinal);
        var second = first < 0 ? -1 : jobId.IndexOf('~', first + 1);
        if (second < 0 || !int.TryParse(jobId.AsSpan(first + 1, second - first - 1), NumberStyles.None, CultureInfo.InvariantCulture, out partition) || partition > 63)
        {
            return false;
        }

        (queue, id) = (jobId[..first], jobId[(second + 1)..]);
        return IsName(queue) && IsId(id);
    }

    /// <summary>Whether a text fits a queue or job name: <c>[A-Za-z0-9._-]</c>, 1..100.</summary>
    internal static bool IsName(string? text) => Fits(text, MaxNameLength);

    /// <summary>Whether a text fits an id: <c>[A-Za-z0-9._-]</c>, 1..128.</summary>
    internal static bool IsId(string? text) => Fits(text, MaxIdLength);

    /// <summary>The text itself while it fits an id, else its head and a hash of the whole.</summary>
    internal static string Shorten(string id) => id.Length <= MaxIdLength
        ? id
        : string.Concat(id.AsSpan(0, MaxIdLength - 33), "-", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 16)));

    private static bool Fits(string? text, int max) => text is { Length: > 0 } && text.Length <= max && !text.AsSpan().ContainsAnyExcept(Allowed);

    private static readonly System.Buffers.SearchValues<char> Allowed =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
}
