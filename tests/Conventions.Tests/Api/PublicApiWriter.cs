using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Krewe.Conventions.Tests.Repository;

namespace Krewe.Conventions.Tests.Api;

/// <summary>Writes what a user of an assembly can see: public types, and their public and protected members, sorted.</summary>
internal sealed class PublicApiWriter
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly NullabilityInfoContext _nullability = new();

    internal static string Write(Assembly assembly)
    {
        var writer = new PublicApiWriter();
        var text = new StringBuilder();
        foreach (var type in SourceAssemblies.WrittenTypes(assembly).Where(IsVisible))
        {
            text.Append(Heading(type)).Append('\n');
            foreach (var member in writer.Members(type).Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static bool IsVisible(Type type) =>
        type.IsPublic || ((type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!));

    private static string Heading(Type type)
    {
        var parents = new[] { type.BaseType }
            .Where(parent => parent is not null && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum) && parent != typeof(MulticastDelegate))
            .Concat(type.IsEnum ? [] : OwnInterfaces(type))
            .Select(parent => TypeText.Of(parent!))
            .ToList();
        var own = type.GetGenericArguments();
        var name = own.Length == 0 ? TypeText.Of(type) : TypeText.Of(type).Split('<')[0] + TypeText.Parameters(own);
        var from = type.Namespace is null ? "" : type.Namespace + ": ";
        return $"{from}{Kind(type)} {name}{(parents.Count == 0 ? "" : " : " + string.Join(", ", parents))}{TypeText.Constraints(own)}";
    }

    private static IEnumerable<Type> OwnInterfaces(Type type)
    {
        var inherited = (type.BaseType?.GetInterfaces() ?? []).Concat(type.GetInterfaces().SelectMany(face => face.GetInterfaces()));
        return type.GetInterfaces().Where(face => face.IsVisible).Except(inherited).OrderBy(face => face.FullName ?? face.Name, StringComparer.Ordinal);
    }

    private static string Kind(Type type)
    {
        var record = type.GetMethod("<Clone>$", Declared) is not null || type.GetMethod("PrintMembers", Declared) is not null ? "record " : "";
        return type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + record + "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract " + (record.Length > 0 ? "record" : "class"),
            { IsSealed: true } => typeof(Delegate).IsAssignableFrom(type) ? "delegate" : "sealed " + (record.Length > 0 ? "record" : "class"),
            _ => record.Length > 0 ? "record" : "class",
        };
    }

    private IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => $"{field.Name} = {Literal(field.GetRawConstantValue())}");
        }

        return type.GetConstructors(Declared).Where(IsSeen).Select(constructor => $"{Access(constructor)}{TypeText.Of(type).Split('<')[0].Split('.')[^1]}({Parameters(constructor)})")
            .Concat(type.GetFields(Declared).Where(field => (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) && !IsCompiled(field)).Select(Field))
            .Concat(type.GetProperties(Declared).Where(property => property.GetAccessors(true).Any(IsSeen) && !IsCompiled(property)).Select(Property))
            .Concat(type.GetEvents(Declared).Where(@event => IsSeen(@event.AddMethod!)).Select(@event => $"event {TypeText.Of(@event.EventHandlerType!)} {@event.Name}"))
            .Concat(type.GetMethods(Declared).Where(method => IsSeen(method) && IsOwn(method)).Select(Method));
    }

    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsCompiled(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) || member.Name == "EqualityContract";

    private static bool IsOwn(MethodInfo method) =>
        !IsCompiled(method) && !method.Name.Contains('<', StringComparison.Ordinal)
        && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal));

    private static string Access(MethodBase method) => (method.IsPublic ? "" : "protected ") + (method.IsStatic && !method.IsConstructor ? "static " : "");

    private static string Modifiers(MethodInfo method) => method switch
    {
        { DeclaringType.IsInterface: true } => method.IsAbstract ? "" : "default ",
        { IsAbstract: true } => "abstract ",
        { IsVirtual: true, IsFinal: false } => method.GetBaseDefinition() == method ? "virtual " : "override ",
        _ => "",
    };

    private static string Literal(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private string Field(FieldInfo field)
    {
        var kind = field switch { { IsLiteral: true } => "const ", { IsStatic: true, IsInitOnly: true } => "static readonly ", { IsStatic: true } => "static ", { IsInitOnly: true } => "readonly ", _ => "" };
        return $"{(field.IsPublic ? "" : "protected ")}{kind}{TypeText.Of(field.FieldType, _nullability.Create(field))} {field.Name}{(field.IsLiteral ? " = " + Literal(field.GetRawConstantValue()) : "")}";
    }

    private string Property(PropertyInfo property)
    {
        var first = property.GetAccessors(true).First(IsSeen);
        var isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) is true;
        var get = property.GetMethod is { } getter && IsSeen(getter) ? " get;" : "";
        var set = property.SetMethod is { } setter && IsSeen(setter) ? isInit ? " init;" : setter.IsPublic == first.IsPublic ? " set;" : " protected set;" : "";
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        var index = property.GetIndexParameters();
        var name = index.Length == 0 ? property.Name : $"this[{string.Join(", ", index.Select(Parameter))}]";
        return $"{Access(first)}{Modifiers(first)}{required}{TypeText.Of(property.PropertyType, _nullability.Create(property))} {name} {{{get}{set} }}";
    }

    private string Method(MethodInfo method)
    {
        var generic = method.GetGenericArguments();
        var returns = TypeText.Of(method.ReturnType, _nullability.Create(method.ReturnParameter));
        return $"{Access(method)}{Modifiers(method)}{returns} {method.Name}{TypeText.Parameters(generic)}({Parameters(method)}){TypeText.Constraints(generic)}";
    }

    private string Parameters(MethodBase method)
    {
        var self = method.IsDefined(typeof(ExtensionAttribute), inherit: false) ? "this " : "";
        return self + string.Join(", ", method.GetParameters().Select(Parameter));
    }

    private string Parameter(ParameterInfo parameter)
    {
        var kind = parameter switch { { IsOut: true } => "out ", { ParameterType.IsByRef: true, IsIn: true } => "in ", { ParameterType.IsByRef: true } => "ref ", _ => "" };
        var many = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "";
        var text = parameter.HasDefaultValue ? " = " + (parameter.RawDefaultValue is null && parameter.ParameterType.IsValueType ? "default" : Literal(parameter.RawDefaultValue)) : "";
        return $"{many}{kind}{TypeText.Of(parameter.ParameterType, _nullability.Create(parameter))} {parameter.Name}{text}";
    }
}
