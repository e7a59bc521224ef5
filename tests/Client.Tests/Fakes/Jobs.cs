using System.Text.Json.Serialization;

namespace Krewe.Client.Tests.Fakes;

internal enum Colour
{
    Red = 0,
    Blue = 1,
}

internal sealed record Receipt(string Number, int Amount);

[Job("test.plain")]
internal sealed record Plain(int Number) : IJob;

[Job("test.pay", Queue = "critical", Priority = 4, MaxRetries = 5, SoftTimeLimitSeconds = 30, Aliases = ["old.pay"])]
internal sealed record Pay(string Order, Colour Colour) : IJob<Receipt>;

[Job("test.nested")]
internal sealed record Nested(string Title, List<Item> Items, Item? Next = null) : IJob;

internal sealed record Item(string Name, double Weight, [property: JsonIgnore] int Hidden = 0);

internal sealed record Unnamed : IJob;

[Job("test.two")]
internal sealed record TwoResults : IJob<int>, IJob<string>;

[Job("test.bad name", MaxRetries = -1)]
internal sealed record BadOptions : IJob;

[Job("test.abstract")]
internal abstract record Abstract : IJob;

[Job("test.generic")]
internal sealed record Generic<T>(T Value) : IJob;

[Job("test.plain")]
internal sealed record SameName : IJob;

internal struct StructJob : IJob;
