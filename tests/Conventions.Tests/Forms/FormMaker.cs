using System.Collections;
using System.Runtime.CompilerServices;

namespace Krewe.Conventions.Tests.Forms;

/// <summary>Makes an object with every member set, always the same.</summary>
internal static class FormMaker
{
    private static readonly DateTimeOffset At = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    internal static object Make(Type type, string name = "x") => Simple(type, name) ?? Several(type, name) ?? Whole(type);

    private static object? Simple(Type type, string name) => Nullable.GetUnderlyingType(type) is { } underlying ? Make(underlying, name)
        : type.IsEnum ? Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1)
        : type == typeof(string) ? name
        : type == typeof(bool) ? true
        : type == typeof(int) ? name.Length
        : type == typeof(long) ? (long)name.Length
        : type == typeof(ulong) ? ulong.MaxValue
        : type == typeof(double) ? 1.5
        : type == typeof(byte[]) ? """{"a":1}"""u8.ToArray()
        : type == typeof(TimeSpan) ? TimeSpan.FromSeconds(name.Length)
        : type == typeof(DateTimeOffset) ? At
        : type == typeof(SiloAddress) ? SiloAddress.New(new(System.Net.IPAddress.Loopback, 11111), 42)
        : null;

    private static object? Several(Type type, string name)
    {
        if (type.IsArray)
        {
            var array = Array.CreateInstance(type.GetElementType()!, 1);
            array.SetValue(Make(type.GetElementType()!, name), 0);
            return array;
        }

        if (!type.IsGenericType || !typeof(IEnumerable).IsAssignableFrom(type))
        {
            return null;
        }

        var arguments = type.GetGenericArguments();
        if (arguments.Length == 2)
        {
            var dictionary = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(arguments))!;
            dictionary[Make(arguments[0], name)] = Make(arguments[1], name);
            return dictionary;
        }

        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(arguments))!;
        list.Add(Make(arguments[0], name));
        return list;
    }

    private static object Whole(Type type)
    {
        var made = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var member in FormMembers.Of(type))
        {
            member.Set(made, member.Type.IsInterface && typeof(Orleans.Runtime.IAddressable).IsAssignableFrom(member.Type) ? null : Make(member.Type, member.Member.Name));
        }

        return made;
    }
}
