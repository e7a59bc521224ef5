using System.Globalization;
using System.Reflection;
using System.Text;
using Krewe.Conventions.Tests.Api;
using Krewe.Conventions.Tests.Repository;
using Orleans.Concurrency;

namespace Krewe.Conventions.Tests.Wire;

/// <summary>
/// Writes what two silos of different versions must agree on: serialized types with their member ids, grain interfaces with
/// their method aliases, and the names under which grains are kept. Internal types count.
/// </summary>
internal static class WireWriter
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    private static readonly Type[] CallMarks = [typeof(OneWayAttribute), typeof(AlwaysInterleaveAttribute), typeof(ReadOnlyAttribute), typeof(ResponseTimeoutAttribute)];

    internal static IEnumerable<Type> Types => SourceAssemblies.All.SelectMany(SourceAssemblies.WrittenTypes);

    internal static IEnumerable<Type> SerializedTypes => Types.Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false));

    internal static IEnumerable<Type> GrainInterfaces => Types.Where(type => type.IsInterface && typeof(Orleans.Runtime.IAddressable).IsAssignableFrom(type));

    internal static IEnumerable<MethodInfo> Calls(Type grainInterface) => grainInterface.GetMethods(Declared).Where(method => method.IsAbstract && !method.IsSpecialName);

    internal static string? AliasOf(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias;

    internal static string Write()
    {
        var grains = Types.Where(type => type is { IsClass: true, IsAbstract: false } && typeof(IGrain).IsAssignableFrom(type));
        var blocks = SerializedTypes.Select(Serialized).Concat(GrainInterfaces.Select(Interface)).Concat(grains.Select(Grain));
        return string.Concat(blocks.Order(StringComparer.Ordinal));
    }

    private static string Serialized(Type type)
    {
        var text = new StringBuilder($"type {AliasOf(type) ?? "(no alias)"}: {TypeText.Of(type)}");
        text.Append(type.IsEnum ? $" : {TypeText.Of(Enum.GetUnderlyingType(type))}\n" : type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? $" : {TypeText.Of(parent)}\n" : "\n");
        foreach (var line in type.IsEnum ? Values(type) : Members(type))
        {
            text.Append("    ").Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<string> Values(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => string.Create(CultureInfo.InvariantCulture, $"{field.GetRawConstantValue()} {field.Name}"));

    private static IEnumerable<string> Members(Type type)
    {
        var members = from member in type.GetFields(Declared).Cast<MemberInfo>().Concat(type.GetProperties(Declared))
                      let id = member.GetCustomAttribute<IdAttribute>(inherit: false)
                      where id is not null
                      orderby id.Id
                      select string.Create(CultureInfo.InvariantCulture, $"{id.Id} {TypeText.Of(TypeOf(member))} {member.Name}");
        return Positional(type).Concat(members);
    }

    /// <summary>The parameters of a record's primary constructor that have no id of their own: their position is their id.</summary>
    private static IEnumerable<string> Positional(Type type)
    {
        var isRecord = type.GetMethod("<Clone>$", Declared) is not null || (type.IsValueType && type.GetMethod("PrintMembers", Declared) is not null);
        var primary = isRecord ? type.GetConstructors(Declared).Where(constructor => !IsCopy(type, constructor)).MaxBy(constructor => constructor.GetParameters().Length) : null;
        return from parameter in primary?.GetParameters() ?? []
               let property = type.GetProperty(parameter.Name!, Declared)
               where property is not null && property.GetCustomAttribute<IdAttribute>(inherit: false) is null
               select string.Create(CultureInfo.InvariantCulture, $"positional {parameter.Position} {TypeText.Of(parameter.ParameterType)} {parameter.Name}");
    }

    private static bool IsCopy(Type type, ConstructorInfo constructor) => constructor.GetParameters() is [var only] && only.ParameterType == type;

    private static Type TypeOf(MemberInfo member) => member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;

    private static string Interface(Type type)
    {
        var parents = type.GetInterfaces().Select(parent => TypeText.Of(parent)).Order(StringComparer.Ordinal);
        var text = new StringBuilder($"interface {AliasOf(type) ?? "(no alias)"}: {TypeText.Of(type)} : {string.Join(", ", parents)}\n");
        foreach (var line in Calls(type).Select(Call).Order(StringComparer.Ordinal))
        {
            text.Append("    ").Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static string Call(MethodInfo method)
    {
        var marks = CallMarks.Where(mark => method.IsDefined(mark, inherit: false)).Select(mark => $"[{mark.Name.Replace("Attribute", "", StringComparison.Ordinal)}] ");
        var parameters = method.GetParameters().Select(parameter => $"{TypeText.Of(parameter.ParameterType)} {parameter.Name}");
        return $"{AliasOf(method) ?? "(no alias)"}: {string.Concat(marks)}{TypeText.Of(method.ReturnType)} {method.Name}({string.Join(", ", parameters)})";
    }

    private static string Grain(Type type)
    {
        // Reminders and grain states are found again by this name.
        var name = type.GetCustomAttributesData().FirstOrDefault(data => data.AttributeType == typeof(GrainTypeAttribute))?.ConstructorArguments[0].Value;
        return $"grain {name ?? "(from its name)"}: {TypeText.Of(type)}\n";
    }
}
