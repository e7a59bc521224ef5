using System.Text;
using CsCheck;
using Krewe.Execution;
using Xunit;

namespace Krewe.Grains.Tests.Execution;

public sealed class ErrorTextTests
{
    [Fact]
    public void MessageOf_WhenMessageThrows_SaysSo() =>
        Assert.Equal("(could not be read: it threw System.IO.IOException)", ErrorText.MessageOf(new HostileException()));

    [Fact]
    public void StackOf_WhenEverythingThrows_StillNamesTheType() =>
        Assert.Contains($"{typeof(HostileException).FullName}: (could not be read: it threw System.IO.IOException)", ErrorText.StackOf(new HostileException()), StringComparison.Ordinal);

    [Fact]
    public void MessageOf_WhenMessageIsNull_IsEmpty() => Assert.Equal("", ErrorText.MessageOf(new MuteException()));

    [Fact]
    public void MessageOf_WhenMessageHoldsALoneSurrogate_ReplacesIt() =>
        Assert.Equal("a\ufffdb\0😀", ErrorText.MessageOf(new InvalidOperationException("a\ud800b\0😀")));

    [Fact]
    public void MessageOf_WhenMessageIsHuge_IsCutAtEightKibibytes()
    {
        var message = ErrorText.MessageOf(new InvalidOperationException(new string('ä', 10_000_000)));

        Assert.Equal(8 * 1024, Encoding.UTF8.GetByteCount(message) + 1);
        Assert.EndsWith("ä…", message, StringComparison.Ordinal);
    }

    [Fact]
    public void StackOf_WhenMessagesAreHuge_KeepsTheFramesOfAll()
    {
        var thrown = Thrown(new InvalidOperationException(new string('x', 1_000_000), Thrown(new TimeoutException(new string('y', 1_000_000)))));

        var stack = ErrorText.StackOf(thrown);

        Assert.Equal(2, stack.Split($"at {typeof(ErrorTextTests).FullName}.Thrown").Length - 1);
        Assert.InRange(Encoding.UTF8.GetByteCount(stack), 2048, ErrorText.MaxStackBytes);
    }

    [Fact]
    public void StackOf_WhenExceptionsNestDeeply_IsCut()
    {
        Exception nested = new InvalidOperationException("0");
        for (var depth = 1; depth < 5000; depth++)
        {
            nested = new InvalidOperationException(new string('n', 2000), nested);
        }

        Assert.InRange(Encoding.UTF8.GetByteCount(ErrorText.StackOf(nested)), 1024, ErrorText.MaxStackBytes);
    }

    [Fact]
    public void Cut_ForEveryText_IsWellFormedAndFits() =>
        Gen.Select(Gen.Char.Array[0, 60].Select(letters => new string(letters)), Gen.Int[3, 60]).Sample((text, maxBytes) =>
        {
            var cut = ErrorText.Cut(text, maxBytes);

            Assert.InRange(Encoding.UTF8.GetByteCount(cut), 0, maxBytes);
            Assert.Equal(cut, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(cut)));
            Assert.True(cut.EndsWith('…') || cut == Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));
        });

    private static Exception Thrown(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (Exception thrown)
        {
            return thrown;
        }
    }

    private sealed class HostileException : Exception
    {
        public override string Message => throw new IOException();

        public override string? StackTrace => throw new IOException();

        public override string ToString() => throw new IOException();
    }

    private sealed class MuteException : Exception
    {
        public override string Message => null!;
    }
}
