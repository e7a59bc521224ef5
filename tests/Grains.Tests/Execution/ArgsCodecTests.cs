using System.Text;
using Krewe.Execution;
using Xunit;

namespace Krewe.Grains.Tests.Execution;

public sealed class ArgsCodecTests
{
    [Fact]
    public void Read_WhenMembersAreUnknownOrMissing_IgnoresThemAndTakesDefaults()
    {
        var order = Read("""{"orderID":"a","lines":[{"sku":"s","count":2}],"later":{"x":1}}""");

        Assert.Equal(("a", null, "EUR"), (order.OrderId, order.Note, order.Currency));
        Assert.Equal([new Line("s", 2)], order.Lines);
    }

    [Theory]
    [InlineData("""{"lines":[]}""", "at $.orderId: ", "it is missing, and has no default.")]
    [InlineData("""{"orderId":null,"lines":[]}""", "at $.orderId: ", "doesn't allow null values")]
    [InlineData("""{"orderId":"a","lines":[{"sku":"s","count":2},{"sku":"s","count":true}]}""", "at $.lines[1].count: ", "could not be converted to")]
    [InlineData("""{"orderId":"a","lines":[{"sku":"s"}]}""", "at $.lines[0].count: ", "it is missing, and has no default.")]
    [InlineData("""{"orderId":"a","lines":[],"OrderId":"b"}""", "at $", "OrderId")]
    [InlineData("""{"orderId":"a","lines":[],"currency":"throw"}""", "at $: ", "no such currency")]
    [InlineData("""{"orderId":""", "at $.orderId: ", "Expected")]
    [InlineData("", "at $: ", "does not contain any JSON tokens")]
    [InlineData("[]", "at $: ", "could not be converted")]
    public void Read_WhenArgsDoNotFit_NamesPathAndReason(string json, string path, string reason)
    {
        var refused = Assert.Throws<InvalidJobException>(() => Read(json));

        Assert.StartsWith("The args of 'test.order' do not fit Krewe.Grains.Tests.Execution.ArgsCodecTests.Order " + path, refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("BytePositionInLine", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WhenArgsAreNull_SaysSo() =>
        Assert.Equal(
            "The args of 'test.order' must be a JSON object that fits Krewe.Grains.Tests.Execution.ArgsCodecTests.Order, got null; send an object.",
            Assert.Throws<InvalidJobException>(() => Read("null")).Message);

    [Fact]
    public void Write_WhenResultIsAsLargeAsAllowed_PassesAndOneByteMoreDoesNot()
    {
        var codec = new ArgsCodec(maxPayloadBytes: 12);

        Assert.Equal("\"0123456789\"", Encoding.UTF8.GetString(codec.Write("test.order", "0123456789")));
        var refused = Assert.Throws<PayloadTooLargeException>(() => codec.Write("test.order", "0123456789a"));
        Assert.Equal((13, 12), (refused.Bytes, refused.LimitBytes));
    }

    [Fact]
    public void Write_WhenResultHoldsACycle_NamesTypeAndPath()
    {
        var node = new Node();
        node.Next = node;

        var refused = Assert.Throws<NotSupportedException>(() => new ArgsCodec(1024).Write("test.order", node));

        Assert.StartsWith("The result of 'test.order' must be writable as JSON, got a Krewe.Grains.Tests.Execution.ArgsCodecTests.Node that is not at $.next", refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Write_WhenAGetterThrows_SaysWhatItThrew() =>
        Assert.Contains("boom", Assert.Throws<NotSupportedException>(() => new ArgsCodec(1024).Write("test.order", new Trap())).Message, StringComparison.Ordinal);

    private static Order Read(string json) => ArgsCodec.Read("test.order", Encoding.UTF8.GetBytes(json), ArgsCodec.Describe<Order>());

    private sealed record Line(string Sku, int Count);

    private sealed record Order(string OrderId, Line[] Lines, string? Note = null, string Currency = "EUR")
    {
        public string Currency { get; } = Currency == "throw" ? throw new ArgumentException("no such currency") : Currency;
    }

    private sealed class Node
    {
        public Node? Next { get; set; }
    }

    private sealed class Trap
    {
        public Trap? Self => this is not null ? throw new InvalidOperationException("boom") : null;
    }
}
