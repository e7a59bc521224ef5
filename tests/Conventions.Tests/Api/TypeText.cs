using System.Reflection;

namespace Krewe.Conventions.Tests.Api;

/// <summary>Writes types the way C# does: keywords, <c>?</c>, generic arguments in angle brackets, no assembly names.</summary>
internal static class TypeText
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    internal static string Of(Type type, NullabilityInfo? nullability = null)
    {
        if (type.IsByRef)
        {
            return Of(type.GetElementType()!, nullability);
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return Of(value) + "?";
        }

        var mark = !type.IsValueType && !type.IsGenericParameter && nullability?.ReadState is NullabilityState.Nullable ? "?" : "";
        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!, nullability?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        }

        return Name(type, nullability) + mark;
    }

    /// <summary>Type parameters with their variance, such as <c>&lt;in TJob, TResult&gt;</c>; empty for none.</summary>
    internal static string Parameters(IEnumerable<Type> parameters)
    {
        var texts = parameters.Select(parameter => Variance(parameter) + parameter.Name).ToList();
        return texts.Count == 0 ? "" : $"<{string.Join(", ", texts)}>";
    }

    /// <summary>The <c>where</c> clauses of type parameters, each with a leading space.</summary>
    internal static string Constraints(IEnumerable<Type> parameters) =>
        string.Concat(from parameter in parameters
                      let constraints = ConstraintsOf(parameter).ToList()
                      where constraints.Count > 0
                      select $" where {parameter.Name} : {string.Join(", ", constraints)}");

    private static string Name(Type type, NullabilityInfo? nullability)
    {
        if (Keywords.TryGetValue(type, out var keyword))
        {
            return keyword;
        }

        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        var arguments = type.GetGenericArguments();
        var outer = type.DeclaringType is { } declaring ? Of(declaring).Split('<')[0] + "." : Prefix(type);
        var inherited = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        var own = arguments.Skip(inherited)
            .Select((argument, index) => Of(argument, nullability?.GenericTypeArguments.ElementAtOrDefault(index + inherited)))
            .ToList();
        return outer + type.Name.Split('`')[0] + (own.Count == 0 ? "" : $"<{string.Join(", ", own)}>");
    }

    private static string Prefix(Type type) =>
        type.Namespace is null or "Krewe" or "System" or "System.Threading" or "System.Threading.Tasks" or "System.Collections.Generic" ? "" : type.Namespace + ".";

    private static string Variance(Type parameter) => (parameter.GenericParameterAttributes & GenericParameterAttributes.VarianceMask) switch
    {
        GenericParameterAttributes.Contravariant => "in ",
        GenericParameterAttributes.Covariant => "out ",
        _ => "",
    };

    private static IEnumerable<string> ConstraintsOf(Type parameter)
    {
        var attributes = parameter.GenericParameterAttributes;
        var isStruct = attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        if (isStruct)
        {
            yield return "struct";
        }

        if (attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
        {
            yield return "class";
        }

        foreach (var constraint in parameter.GetGenericParameterConstraints().Where(constraint => constraint != typeof(ValueType)))
        {
            yield return Of(constraint);
        }

        if (!isStruct && attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint))
        {
            yield return "new()";
        }
    }
}
