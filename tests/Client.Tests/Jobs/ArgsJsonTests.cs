using System.Text;
using System.Text.Json;
using Krewe.Client.Tests.Fakes;
using Krewe.Definitions;
using Krewe.Jobs;
using Xunit;

namespace Krewe.Client.Tests.Jobs;

public sealed class ArgsJsonTests
{
    private readonly JobCatalogue _catalogue = new();

    [Fact]
    public void Of_WhenGivenARecord_WritesCamelCaseAndEnumNames() =>
        Assert.Equal("""{"order":"o-1","colour":"Blue"}""", Encoding.UTF8.GetString(ArgsJson.Of(new Pay("o-1", Colour.Blue), _catalogue.Get(typeof(Pay)), 1000)));

    [Fact]
    public void Of_WhenAMemberDoesNotSerialize_NamesItsPath()
    {
        var job = new Nested("t", [new("a", 1), new("b", double.NaN)]);

        var exception = Assert.Throws<InvalidJobException>(() => ArgsJson.Of(job, _catalogue.Get(typeof(Nested)), 1000));

        Assert.StartsWith("Args of 'test.nested' must be serializable as JSON, got ArgumentException at $.items[1].weight: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WhenAMemberIsNullAgainstItsAnnotation_NamesItsPath()
    {
        var exception = Assert.Throws<InvalidJobException>(() => ArgsJson.Of(new Nested(null!, []), _catalogue.Get(typeof(Nested)), 1000));

        Assert.StartsWith("Args of 'test.nested' must be serializable as JSON, got JsonException at $.title: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WhenArgsAreOverTheLimit_SaysBothSizes()
    {
        var exception = Assert.Throws<PayloadTooLargeException>(() => ArgsJson.Of(new Pay(new string('x', 100), Colour.Red), _catalogue.Get(typeof(Pay)), 64));

        Assert.Equal((127, 64), (exception.Bytes, exception.LimitBytes));
    }

    [Fact]
    public void Of_WhenJsonDiffersInSpacesAndEscapesOnly_GivesTheSameBytes() =>
        Assert.Equal(Untyped("""{"a":"é", "b": [1, 2]}"""), Untyped("{ \"a\" : \"\\u00e9\",\n\"b\":[1,2] }"));

    [Theory]
    [InlineData("[1]", "Args of 'any.name' must be a JSON object, got Array; wrap the value in an object.")]
    [InlineData("null", "Args of 'any.name' must be a JSON object, got Null; wrap the value in an object.")]
    public void Of_WhenJsonIsNoObject_IsRefused(string json, string expected) => Assert.Equal(expected, Assert.Throws<InvalidJobException>(() => Untyped(json)).Message);

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"\udc00":1}""")]
    public void Of_WhenJsonCanBeReadInTwoWays_IsRefused(string json) =>
        Assert.StartsWith("Args of 'any.name' do not fit at $", Assert.Throws<InvalidJobException>(() => Untyped(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_WhenJsonIsTooDeep_IsRefusedAtTheSixtyFifthLevel()
    {
        var deepest = string.Concat(Enumerable.Repeat("""{"a":""", 63)) + "{}" + new string('}', 63);

        Assert.Equal(deepest, Encoding.UTF8.GetString(Untyped(deepest)));
        Assert.Throws<InvalidJobException>(() => Untyped($$"""{"a":{{deepest}}}"""));
    }

    [Theory]
    [InlineData("""{"order":"o-1"}""", "$.colour: it is missing, and has no default.")]
    [InlineData("""{"order":null,"colour":"Red"}""", "$.order: ")]
    [InlineData("""{"order":"o-1","colour":"Green"}""", "$.colour: ")]
    [InlineData("""{"order":"o-1","colour":"Red","Order":"o-2"}""", "$")]
    public void Of_WhenTheTypeIsKnownAndTheArgsDoNotReadAsIt_IsRefusedWithThePath(string json, string path)
    {
        var refused = Assert.Throws<InvalidJobException>(() => ArgsJson.Of("test.pay", Parse(json), _catalogue.Get(typeof(Pay)), 1000));

        Assert.StartsWith($"Args of 'test.pay' do not fit at {path}", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("BytePositionInLine", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WhenAMemberOfAMemberIsMissing_NamesItsPath()
    {
        var refused = Assert.Throws<InvalidJobException>(() => ArgsJson.Of("test.nested", Parse("""{"title":"t","items":[{"name":"a"}]}"""), _catalogue.Get(typeof(Nested)), 1000));

        Assert.StartsWith("Args of 'test.nested' do not fit at $.items[0].weight: it is missing, and has no default.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WhenTheTypeIsKnownAndTheArgsFit_KeepsUnknownMembers() =>
        Assert.Equal("""{"ORDER":"o-1","colour":"Red","more":1}""", Encoding.UTF8.GetString(ArgsJson.Of("test.pay", Parse("""{"ORDER":"o-1","colour":"Red","more":1}"""), _catalogue.Get(typeof(Pay)), 1000)));

    private static byte[] Untyped(string json) => ArgsJson.Of("any.name", Parse(json), null, 1000);

    private static JsonElement Parse(string json) => JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = 200 });
}
