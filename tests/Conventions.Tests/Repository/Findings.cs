using Xunit;

namespace Krewe.Conventions.Tests.Repository;

/// <summary>Fails a test with every finding at once, one per line.</summary>
internal static class Findings
{
    internal static void ShouldBeNone(IEnumerable<string> findings, string rule)
    {
        var list = findings.ToList();
        Assert.True(list.Count == 0, $"{rule}\n  {string.Join("\n  ", list)}");
    }
}
