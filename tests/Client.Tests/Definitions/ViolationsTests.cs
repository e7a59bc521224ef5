using Krewe.Definitions;
using Xunit;

namespace Krewe.Client.Tests.Definitions;

public sealed class ViolationsTests
{
    [Theory]
    [InlineData(null, "null")]
    [InlineData("", "''")]
    [InlineData("Größe 5", "'Größe 5'")]
    [InlineData("a\0b\tc\r\nd\u0085e", "'a\ufffdb\ufffdc\ufffd\ufffdd\ufffde'")]
    [InlineData("a\u2028b\u2029c", "'a\ufffdb\ufffdc'")]
    [InlineData("\ud83d\ude00", "'\ufffd\ufffd'")]
    public void Quote_OfAText_ShowsItOnOneLine(string? text, string quoted) => Assert.Equal(quoted, Violations.Quote(text));

    [Fact]
    public void Quote_WhenItIsLong_CutsItAndSaysHowLong() => Assert.Equal($"'{new string('x', 60)}…' (61 characters)", Violations.Quote(new string('x', 61)));
}
