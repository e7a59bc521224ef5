using System.Xml.Linq;
using Krewe.Conventions.Tests.Repository;
using Xunit;

namespace Krewe.Conventions.Tests.Layers;

/// <summary>Who may know whom. A project may use what its row names, and nothing else of this repository.</summary>
public sealed class LayerTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Krewe.Grains.Interfaces"] = [],
        ["Krewe.Client"] = ["Krewe.Grains.Interfaces"],
        ["Krewe.Grains"] = ["Krewe.Grains.Interfaces", "Krewe.Client"],
        ["Krewe.Storage.Redis"] = ["Krewe.Grains.Interfaces", "Krewe.Client", "Krewe.Grains"],
        ["Krewe.Storage.Sqlite"] = ["Krewe.Grains.Interfaces", "Krewe.Client", "Krewe.Grains"],
        ["Krewe.Dashboard"] = ["Krewe.Grains.Interfaces", "Krewe.Client", "Krewe.Grains"],
        ["Krewe.Cli"] = ["Krewe.Grains.Interfaces", "Krewe.Client"],
        ["Krewe.Silo"] =
        [
            "Krewe.Grains.Interfaces", "Krewe.Client", "Krewe.Grains", "Krewe.Storage.Redis", "Krewe.Storage.Sqlite", "Krewe.Dashboard",
            "Krewe.Shop",
        ],
        ["Krewe.Shop"] = ["Krewe.Grains.Interfaces", "Krewe.Client"],
    };

    [Fact]
    public void Layers_KnowEveryProjectOfSrc()
    {
        Findings.ShouldBeNone(SourceAssemblies.Names.Where(name => !Allowed.ContainsKey(name)), "Every project of src has a row in the table of layers.");
    }

    [Fact]
    public void Projects_ReferenceOnlyTheLayersBelow()
    {
        var projects = SourceTree.Files("src", "samples").Where(path => path.EndsWith(".csproj", StringComparison.Ordinal));
        var findings = from path in projects
                       let name = Path.GetFileNameWithoutExtension(path)
                       from reference in XDocument.Parse(SourceTree.Read(path)).Descendants("ProjectReference")
                       let target = Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/'))
                       where Allowed.TryGetValue(name, out var allowed) && !allowed.Contains(target)
                       select $"{name} → {target}";

        Findings.ShouldBeNone(findings, "A project references only what its row in the table of layers names.");
    }

    [Fact]
    public void Assemblies_UseOnlyTheLayersBelow()
    {
        var findings = from assembly in SourceAssemblies.All
                       let name = assembly.GetName().Name!
                       from target in assembly.GetReferencedAssemblies().Select(reference => reference.Name!)
                       where target.StartsWith("Krewe.", StringComparison.Ordinal) && Allowed.TryGetValue(name, out var allowed) && !allowed.Contains(target)
                       select $"{name} → {target}";

        Findings.ShouldBeNone(findings, "An assembly uses only what its row in the table of layers names; a reference that came along with another counts.");
    }
}
