using System.Globalization;
using System.Text;
using Krewe.Storage;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>Schedules: a write is whole, durable and refused by a wrong version; the index never misses one that is to be woken.</summary>
public abstract class ScheduleConformance : StoreTest
{
    private const string None = "00000000000000000000000000";

    private IScheduleStore Schedules => Harness.Schedules;

    [Fact]
    public async Task Write_WhenItIsNew_ComesBackWholeAlsoAfterACrash()
    {
        byte[] content = [.. Enumerable.Range(0, 256).Select(value => (byte)value), .. "\r\n\0ä"u8];
        Assert.Equal(ScheduleWrite.Taken, await Schedules.WriteAsync("a", null, new(Version(1), Steps.Noon, content)));

        await Harness.ReopenAsync();

        var read = await Schedules.ReadAsync("a");
        Assert.Equal((Version(1), Convert.ToHexString(content)), (read!.Version, Convert.ToHexString(read.Content)));
        Assert.Equal([new DueSchedule("a", Steps.Noon)], await Schedules.ListDueAsync(Steps.Noon, 0, 10));
    }

    [Fact]
    public async Task Write_WhenItHasAnotherVersion_IsRefusedAndChangesNothing()
    {
        Assert.Equal(ScheduleWrite.WrongVersion, await Schedules.WriteAsync("a", Version(1), Some(2, "none is there")));
        Assert.Equal(ScheduleWrite.WrongVersion, await Schedules.WriteAsync("a", Version(1), null));
        Assert.Equal(ScheduleWrite.Taken, await Schedules.WriteAsync("a", null, Some(1, "one", minute: 1)));

        Assert.Equal(ScheduleWrite.WrongVersion, await Schedules.WriteAsync("a", null, Some(2, "new")));
        Assert.Equal(ScheduleWrite.WrongVersion, await Schedules.WriteAsync("a", None, Some(2, "other")));
        Assert.Equal(ScheduleWrite.WrongVersion, await Schedules.WriteAsync("a", None, null));

        Assert.Equal("one", await TextAsync("a"));
        Assert.Equal([new DueSchedule("a", Steps.Noon.AddMinutes(1))], await Schedules.ListDueAsync(Steps.Noon.AddYears(1), 0, 10));
    }

    [Fact]
    public async Task Write_WhenItIsThere_ReplacesContentAndIndex()
    {
        await Schedules.WriteAsync("a", null, Some(1, "one", minute: 1));

        Assert.Equal(ScheduleWrite.Taken, await Schedules.WriteAsync("a", Version(1), Some(2, "two", minute: 2)));
        Assert.Equal([new DueSchedule("a", Steps.Noon.AddMinutes(2))], await Schedules.ListDueAsync(Steps.Noon.AddMinutes(2), 0, 10));
        Assert.Empty(await Schedules.ListDueAsync(Steps.Noon.AddMinutes(2).AddMilliseconds(-1), 0, 10));

        Assert.Equal(ScheduleWrite.Taken, await Schedules.WriteAsync("a", Version(2), Some(3, "three") with { WakeAt = null }));
        Assert.Empty(await Schedules.ListDueAsync(DateTimeOffset.MaxValue, 0, 10));
        Assert.Equal("three", await TextAsync("a"));
    }

    [Fact]
    public async Task Write_WhenItIsRemoved_LeavesNothingBehind()
    {
        await Schedules.WriteAsync("a", null, Some(1, "one"));

        Assert.Equal(ScheduleWrite.Taken, await Schedules.WriteAsync("a", Version(1), null));

        Assert.Null(await Schedules.ReadAsync("a"));
        Assert.Empty(await Schedules.ListAsync(null, 10));
        Assert.Empty(await Schedules.ListDueAsync(DateTimeOffset.MaxValue, 0, 10));
        Assert.Equal(ScheduleWrite.Taken, await Schedules.WriteAsync("a", null, Some(2, "again")));
    }

    [Fact]
    public async Task Write_WhenManyWriteAtOnce_TakesOne()
    {
        await Schedules.WriteAsync("a", null, Some(0, "zero"));

        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(number => Schedules.WriteAsync("a", Version(0), Some(number, $"{number}"))));

        var taken = Assert.Single(answers.Index(), answer => answer.Item == ScheduleWrite.Taken).Index + 1;
        Assert.Equal($"{taken}", await TextAsync("a"));
    }

    [Fact]
    public async Task List_WhenThereAreMany_PagesByIdAndByInstant()
    {
        await Task.WhenAll(Enumerable.Range(0, 25).Select(number => Schedules.WriteAsync($"s{number:00}", null, Some(number, $"{number}", minute: 25 - number))));

        var listed = new List<string>();
        for (var (after, page) = ((string?)null, 0); page < 4; page++)
        {
            var found = await Schedules.ListAsync(after, 10);
            listed.AddRange(found.Select(schedule => Encoding.UTF8.GetString(schedule.Content)));
            after = found.Count == 0 ? after : $"s{listed.Count - 1:00}";
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(number => $"{number}"), listed);
        var due = new List<DueSchedule>();
        for (var page = 0; page < 4; page++)
        {
            due.AddRange(await Schedules.ListDueAsync(Steps.Noon.AddMinutes(20), due.Count, 7));
        }

        Assert.Equal(Enumerable.Range(5, 20).Reverse().Select(number => new DueSchedule($"s{number:00}", Steps.Noon.AddMinutes(25 - number))), due);
    }

    private static StoredSchedule Some(int version, string text, int minute = 0) => new(Version(version), Steps.Noon.AddMinutes(minute), Encoding.UTF8.GetBytes(text));

    private static string Version(int number) => string.Create(CultureInfo.InvariantCulture, $"v{number:D25}");

    private async Task<string> TextAsync(string id) => Encoding.UTF8.GetString((await Schedules.ReadAsync(id))!.Content);
}
