using System.Collections;
using System.Globalization;
using System.Text;

namespace Krewe.Conventions.Tests.Forms;

/// <summary>Says what an object holds, by the numbers of its members. What has its default is left out, so that a member that is added later changes nothing.</summary>
internal static class FormText
{
    internal static string Of(object? value) => value switch
    {
        null => "null",
        string text => $"'{text}'",
        byte[] bytes => Convert.ToHexString(bytes),
        Enum member => Convert.ToInt64(member, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
        DateTimeOffset at => at.ToString("O", CultureInfo.InvariantCulture),
        IDictionary entries => $"{{{string.Join(", ", entries.Keys.Cast<object>().Select(key => $"{Of(key)}: {Of(entries[key])}").Order(StringComparer.Ordinal))}}}",
        IEnumerable several => $"[{string.Join(", ", several.Cast<object>().Select(Of))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => FormMembers.Of(value.GetType()) is { Count: > 0 } members ? OfMembers(value, members) : value.ToString() ?? "",
    };

    private static string OfMembers(object value, IReadOnlyList<FormMember> members)
    {
        var text = new StringBuilder("(");
        foreach (var member in members)
        {
            if (member.Get(value) is { } held && !IsDefault(held))
            {
                text.Append(text.Length == 1 ? "" : ", ").Append(member.Number).Append(' ').Append(Of(held));
            }
        }

        return text.Append(')').ToString();
    }

    private static bool IsDefault(object held) => held switch
    {
        string => false,
        ICollection { Count: 0 } => true,
        ValueType value => value.Equals(Activator.CreateInstance(value.GetType())),
        _ => false,
    };
}
