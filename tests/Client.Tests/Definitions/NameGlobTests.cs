using System.Text.RegularExpressions;
using CsCheck;
using Krewe.Definitions;
using Xunit;

namespace Krewe.Client.Tests.Definitions;

public sealed class NameGlobTests
{
    [Theory]
    [InlineData("payments.*", "payments.refund", true)]
    [InlineData("payments.*", "payments.", true)]
    [InlineData("payments.*", "payments", false)]
    [InlineData("*", "", true)]
    [InlineData("*.send", "email.send", true)]
    [InlineData("*.send", "email.sender", false)]
    [InlineData("a*b*c", "a.b.b.c", true)]
    [InlineData("a*b*c", "a.b.b.d", false)]
    [InlineData("email.send", "email.send", true)]
    [InlineData("email.send", "email-send", false)]
    [InlineData("Email.*", "email.send", false)]
    [InlineData("**", "x", true)]
    public void IsMatch_WhenGivenPatternAndName_SaysWhetherItFits(string pattern, string name, bool expected) => Assert.Equal(expected, NameGlob.IsMatch(pattern, name));

    [Fact]
    public void IsMatch_WhenComparedWithARegularExpression_AlwaysAgrees() =>
        Gen.Select(Gen.String[Gen.Char["ab.*"], 0, 8], Gen.String[Gen.Char["ab."], 0, 10]).Sample((pattern, name) =>
            NameGlob.IsMatch(pattern, name) == Regex.IsMatch(name, $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)}\\z"));
}
