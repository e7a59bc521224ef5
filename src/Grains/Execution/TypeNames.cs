namespace Krewe.Execution;

/// <summary>Type names as a person writes them.</summary>
internal static class TypeNames
{
    /// <summary>The full name, with type arguments in angle brackets.</summary>
    internal static string Of(Type type)
    {
        if (type.IsGenericParameter || !type.IsGenericType)
        {
            return (type.FullName ?? type.Name).Replace('+', '.');
        }

        var name = type.GetGenericTypeDefinition().FullName ?? type.Name;
        var end = name.IndexOf('`', StringComparison.Ordinal);
        return $"{(end < 0 ? name : name[..end]).Replace('+', '.')}<{string.Join(", ", type.GetGenericArguments().Select(Of))}>";
    }
}
