using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Krewe.Flows;

/// <summary>Ids of flows and of their members.</summary>
internal static class FlowIds
{
    /// <summary>Leaves room for the member's number within <see cref="JobIds.MaxIdLength"/>.</summary>
    internal const int MaxLength = 100;

    /// <summary>The last part of the id of a member that has none of its own.</summary>
    internal static string MemberId(string flowId, int index) => string.Create(CultureInfo.InvariantCulture, $"{flowId}.{index}");

    /// <summary>Splits the last part of a member's id; false when it cannot be one.</summary>
    internal static bool TryParseMember(string id, out string flowId, out int index)
    {
        var dot = id.LastIndexOf('.');
        (flowId, index) = (dot > 0 ? id[..dot] : "", -1);
        return dot > 0 && int.TryParse(id.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out index) && IsId(flowId);
    }

    /// <summary>The text itself while it fits a flow's id, else its head and a hash of the whole.</summary>
    internal static string Shorten(string id) => id.Length <= MaxLength
        ? id
        : string.Concat(id.AsSpan(0, MaxLength - 33), "-", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 16)));

    /// <summary>Whether a text fits: <c>[A-Za-z0-9._-]</c>, 1..100.</summary>
    internal static bool IsId(string? text) => text?.Length <= MaxLength && JobIds.IsId(text);
}
