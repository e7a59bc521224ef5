using Krewe.Schedules;
using Xunit;

namespace Krewe.Grains.Tests.Schedules;

/// <summary>A year of random schedules, with silos that die, stores that lose answers, and days on which nothing runs.</summary>
public sealed class ScheduleYearTests
{
    private const int Schedules = 200;

    private static readonly DateTimeOffset Start = new(2027, 11, 1, 0, 0, 0, TimeSpan.Zero); // With a leap day and both changes of the clocks in it.
    private static readonly string[] Zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"];

    [Fact]
    public async Task Year_WhenSilosDieAndStoresLoseAnswers_HasExactlyTheOccurrencesOfTheRecurrence()
    {
        var total = 0;
        for (var seed = 0; seed < Schedules; seed++)
        {
            var random = new Random(seed);
            var recurrence = Any(random);
            var ideal = Timetable.Of(recurrence).Occurrences(Start, Start).Select(due => due.ToUniversalTime()).TakeWhile(due => due < Start.AddYears(1)).ToList();

            var sent = await RunAsync(recurrence, random);

            Assert.True(ideal.SequenceEqual(sent), $"Schedule {seed}, {recurrence}: {ideal.Count} due, {sent.Count} sent; first difference at {ideal.Zip(sent).TakeWhile(pair => pair.First == pair.Second).Count()}.");
            total += sent.Count;
        }

        Assert.True(total > 10_000, $"Only {total} occurrences in a year.");
    }

    private static async Task<List<DateTimeOffset>> RunAsync(Recurrence recurrence, Random random)
    {
        var rig = new ScheduleRig(Start);
        await rig.CreateAsync(recurrence, new ScheduleOptions { Misfire = MisfirePolicy.FireAll, MaxMisfires = 1_000 });
        while (rig.Store.Row!.WakeAt is { } wakeAt && wakeAt < Start.AddYears(1))
        {
            Disturb(rig, random);
            var delay = random.Next(40) switch
            {
                0 => TimeSpan.FromHours(random.Next(72)),
                1 => TimeSpan.FromMinutes(random.Next(5)),
                _ => TimeSpan.FromMilliseconds(random.Next(2_000)),
            };
            var at = wakeAt > rig.Time.GetUtcNow() ? wakeAt : rig.Time.GetUtcNow();
            await rig.AtAsync(at + delay);
        }

        return [.. rig.Sender.Sent.Where(due => due < Start.AddYears(1))];
    }

    private static void Disturb(ScheduleRig rig, Random random)
    {
        switch (random.Next(12))
        {
            case 0:
                rig.Crash();
                break;
            case 1:
                rig.Store.LosesWrite = true;
                break;
            case 2:
                rig.Store.LosesAnswer = true;
                break;
            case 3:
                rig.Sender.LosesAnswer = true;
                break;
            case 4:
                rig.Sender.Failure = new StoreUnavailableException("The store is away.");
                break;
        }
    }

    private static Recurrence Any(Random random) => random.Next(8) switch
    {
        0 => Recurrence.Every(TimeSpan.FromMinutes(random.Next(1_500, 20_000)), random.Next(2) == 0),
        1 => Recurrence.Solar((SolarEvent)random.Next(9), random.Next(-70, 71), random.Next(-180, 181)),
        2 or 3 or 4 => Recurrence.Cron($"{random.Next(60)} {random.Next(24)} * * {random.Next(7)},{random.Next(7)}", Zones[random.Next(Zones.Length)]),
        _ => Recurrence.Cron($"{random.Next(60)} {random.Next(60)} */{random.Next(6, 13)} {(random.Next(2) == 0 ? "1-7" : "L")} * {(random.Next(2) == 0 ? "*" : "MON-THU")}", Zones[random.Next(Zones.Length)]),
    };
}
