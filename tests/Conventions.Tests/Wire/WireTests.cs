using Krewe.Conventions.Tests.Api;
using Krewe.Conventions.Tests.Repository;
using Krewe.Conventions.Tests.Snapshots;
using Xunit;

namespace Krewe.Conventions.Tests.Wire;

/// <summary>Silos of two versions understand each other while a deployment rolls.</summary>
public sealed class WireTests
{
    [Fact]
    public void Wire_WhenItChanges_IsAccepted()
    {
        Snapshot.ShouldMatch("wire", WireWriter.Write());
    }

    [Fact]
    public void SerializedTypes_HaveAliases()
    {
        var findings = WireWriter.SerializedTypes.Where(type => WireWriter.AliasOf(type) is null).Select(type => TypeText.Of(type));

        Findings.ShouldBeNone(findings, "Every [GenerateSerializer] type has an [Alias], so that it can be renamed.");
    }

    [Fact]
    public void GrainInterfaces_HaveAliases()
    {
        var findings = WireWriter.GrainInterfaces.Where(type => WireWriter.AliasOf(type) is null).Select(type => TypeText.Of(type));

        Findings.ShouldBeNone(findings, "Every grain interface has an [Alias], so that it can be renamed.");
    }

    [Fact]
    public void GrainMethods_HaveAliases()
    {
        var findings = from type in WireWriter.GrainInterfaces
                       from method in WireWriter.Calls(type)
                       where WireWriter.AliasOf(method) is null
                       select $"{TypeText.Of(type)}.{method.Name}";

        Findings.ShouldBeNone(findings, "Every method of a grain interface has an [Alias], so that it can be renamed.");
    }

    [Fact]
    public void TypeAliases_AreUnique()
    {
        var findings = from type in WireWriter.SerializedTypes.Concat(WireWriter.GrainInterfaces)
                       let alias = WireWriter.AliasOf(type)
                       where alias is not null
                       group TypeText.Of(type) by alias into types
                       where types.Count() > 1
                       select $"{types.Key}: {string.Join(", ", types)}";

        Findings.ShouldBeNone(findings, "An alias belongs to one type.");
    }

    [Fact]
    public void MethodAliases_AreUniqueInTheirInterface()
    {
        var findings = from type in WireWriter.GrainInterfaces
                       from methods in WireWriter.Calls(type).GroupBy(WireWriter.AliasOf)
                       where methods.Key is not null && methods.Count() > 1
                       select $"{TypeText.Of(type)}: {methods.Key}";

        Findings.ShouldBeNone(findings, "An alias belongs to one method of a grain interface.");
    }
}
