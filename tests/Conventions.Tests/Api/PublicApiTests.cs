using System.Reflection;
using Krewe.Conventions.Tests.Repository;
using Krewe.Conventions.Tests.Snapshots;
using Xunit;

namespace Krewe.Conventions.Tests.Api;

/// <summary>What users see changes on purpose only.</summary>
public sealed class PublicApiTests
{
    public static TheoryData<string> Names => [.. SourceAssemblies.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void PublicApi_WhenItChanges_IsAccepted(string name)
    {
        Snapshot.ShouldMatch($"api.{name}", PublicApiWriter.Write(Assembly.Load(new AssemblyName(name))));
    }
}
