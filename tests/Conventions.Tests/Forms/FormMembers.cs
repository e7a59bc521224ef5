using System.Reflection;
using ProtoBuf;

namespace Krewe.Conventions.Tests.Forms;

/// <summary>The members of a type that are stored or sent, each with the number by which other versions know it.</summary>
internal static class FormMembers
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>In order of number, a base type's first.</summary>
    internal static IReadOnlyList<FormMember> Of(Type type)
    {
        var members = new List<FormMember>();
        for (var declaring = type; declaring is not null && declaring.Assembly != typeof(object).Assembly; declaring = declaring.BaseType)
        {
            var own = from member in declaring.GetFields(Declared).Cast<MemberInfo>().Concat(declaring.GetProperties(Declared))
                      let number = NumberOf(member)
                      where number is not null
                      orderby number
                      select new FormMember(number.Value, member);
            members.InsertRange(0, own);
        }

        return members;
    }

    private static long? NumberOf(MemberInfo member) =>
        member.GetCustomAttribute<ProtoMemberAttribute>(inherit: false)?.Tag ?? (long?)member.GetCustomAttribute<IdAttribute>(inherit: false)?.Id;
}

/// <summary>One of them.</summary>
internal sealed record FormMember(long Number, MemberInfo Member)
{
    internal Type Type => Member is PropertyInfo property ? property.PropertyType : ((FieldInfo)Member).FieldType;

    internal object? Get(object owner) => Member is PropertyInfo property ? property.GetValue(owner) : ((FieldInfo)Member).GetValue(owner);

    /// <summary>Sets it, also where the code may only initialize it.</summary>
    internal void Set(object owner, object? value)
    {
        if (Member is PropertyInfo { CanWrite: true } property)
        {
            property.SetValue(owner, value);
        }
        else
        {
            (Member as FieldInfo ?? Member.DeclaringType!.GetField($"<{Member.Name}>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic)!).SetValue(owner, value);
        }
    }
}
