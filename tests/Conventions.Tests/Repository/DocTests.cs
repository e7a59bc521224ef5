using System.Text.RegularExpressions;
using Xunit;

namespace Krewe.Conventions.Tests.Repository;

/// <summary>What the docs name is there.</summary>
public sealed partial class DocTests
{
    [Theory]
    [InlineData("docs/guarantees.md")]
    [InlineData("docs/from-celery.md")]
    [InlineData("docs/schedules.md")]
    public void Promises_NameTestsThatExist(string doc)
    {
        var known = SourceTree.Files("tests").Where(path => path.EndsWith(".cs", StringComparison.Ordinal)).SelectMany(TestsIn).ToHashSet(StringComparer.Ordinal);
        var named = NamedTest().Matches(SourceTree.Read(doc)).Select(match => match.Groups[1].Value).ToList();

        Assert.NotEmpty(named);
        Findings.ShouldBeNone(named.Where(test => !known.Contains(test)), $"Every test that {doc} names is there; rename it there too.");
    }

    [Fact]
    public void Behaviours_AreNumberedInOrder()
    {
        var numbers = NumberedRow().Matches(SourceTree.Read("docs/from-celery.md")).Select(match => int.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture)).ToList();

        Assert.NotEmpty(numbers);
        Assert.Equal(numbers.Distinct().Order(), numbers);
    }

    /// <summary>Every class of a file with every method of it: a class may lie in several files, a file may hold several classes.</summary>
    private static IEnumerable<string> TestsIn(string path)
    {
        var text = SourceTree.Read(path);
        return from type in DeclaredClass().Matches(text)
               from method in DeclaredMethod().Matches(text)
               select $"{type.Groups[1].Value}.{method.Groups[1].Value}";
    }

    [GeneratedRegex(@"`(\w+(?:Tests|Conformance)\.\w+)`")]
    private static partial Regex NamedTest();

    [GeneratedRegex(@"^\| (\d+) \|", RegexOptions.Multiline)]
    private static partial Regex NumberedRow();

    [GeneratedRegex(@"\bclass (\w+)")]
    private static partial Regex DeclaredClass();

    [GeneratedRegex(@"^    public (?:async )?(?:Task|void) (\w+)\(", RegexOptions.Multiline)]
    private static partial Regex DeclaredMethod();
}
