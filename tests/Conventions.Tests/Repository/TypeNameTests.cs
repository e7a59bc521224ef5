using Xunit;

namespace Krewe.Conventions.Tests.Repository;

/// <summary>Names say what a type is for.</summary>
public sealed class TypeNameTests
{
    private static readonly string[] Empty = ["Manager", "Helper", "Helpers", "Util", "Utils", "Common", "Base", "Impl", "Data"];

    [Fact]
    public void Types_InSources_HaveTellingNames()
    {
        var findings = from assembly in SourceAssemblies.All
                       from type in SourceAssemblies.WrittenTypes(assembly)
                       let name = type.Name.Split('`')[0]
                       where Empty.Any(ending => name.EndsWith(ending, StringComparison.Ordinal))
                       select $"{type.FullName} ({assembly.GetName().Name})";

        Findings.ShouldBeNone(findings, $"No type of src ends in {string.Join(", ", Empty)}; name the idea instead.");
    }
}
