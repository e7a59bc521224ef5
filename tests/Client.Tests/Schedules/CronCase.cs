using System.Globalization;
using CsCheck;

namespace Krewe.Client.Tests.Schedules;

/// <summary>An expression of minute, hour and day of week, with what it means.</summary>
internal sealed record CronCase(CronCase.FieldCase Minute, CronCase.FieldCase Hour, CronCase.FieldCase DayOfWeek)
{
    internal bool IsInterval => Minute.IsInterval || Hour.IsInterval;

    public override string ToString() => $"{Minute.Text} {Hour.Text} * * {DayOfWeek.Text}";

    internal static FieldCase Any(int size) => new("*", [.. Enumerable.Range(0, size)]);

    /// <summary>A field whose values are 0 to <paramref name="last"/>, of which <paramref name="size"/> differ: of the days of week 0 and 7 are one.</summary>
    internal static Gen<FieldCase> Field(int last, int size)
    {
        var element =
            from kind in Gen.Int[0, 5]
            from low in Gen.Int[0, last]
            from high in Gen.Int[0, last]
            from step in Gen.Int[1, last]
            select kind switch
            {
                0 or 1 => new FieldCase(Text(low), Walk(low, low, 1, size)),
                2 => new FieldCase($"{Text(low)}-{Text(high)}", Walk(low, high, 1, size)),
                3 => new FieldCase($"{Text(low)}-{Text(high)}/{Text(step)}", Walk(low, high, step, size)),
                4 => new FieldCase($"{Text(low)}/{Text(step)}", Walk(low, last, step, size)),
                _ => new FieldCase($"*/{Text(step)}", Walk(0, last, step, size)),
            };
        var list = element.List[1, 3].Select(static elements => new FieldCase(string.Join(',', elements.Select(static one => one.Text)), [.. elements.SelectMany(static one => one.Values)]));
        return Gen.Frequency((1, Gen.Const(Any(size))), (6, list));
    }

    internal bool Matches(DateTime reading) => Minute.Values.Contains(reading.Minute) && Hour.Values.Contains(reading.Hour) && DayOfWeek.Values.Contains((int)reading.DayOfWeek);

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>From one value to another in steps, over the end if need be.</summary>
    private static HashSet<int> Walk(int low, int high, int step, int size) =>
        [.. Enumerable.Range(0, (low <= high ? high - low : high - low + size) + 1).Where(way => way % step == 0).Select(way => (low + way) % size)];

    internal sealed record FieldCase(string Text, HashSet<int> Values)
    {
        internal bool IsInterval => Text.AsSpan().IndexOfAny("*-/") >= 0;
    }
}
