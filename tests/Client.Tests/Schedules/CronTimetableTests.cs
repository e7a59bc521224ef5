using System.Globalization;
using CsCheck;
using Krewe.Schedules;
using Xunit;

namespace Krewe.Client.Tests.Schedules;

public sealed class CronTimetableTests
{
    [Theory]
    [InlineData("0 2 * * *", "UTC", "2026-11-28T02:00:00Z", "2026-11-29T02:00:00+00:00 2026-11-30T02:00:00+00:00")]
    [InlineData("  0  2 *\t* * ", "UTC", "2026-11-28T01:59:59.999Z", "2026-11-28T02:00:00+00:00 2026-11-29T02:00:00+00:00")]
    [InlineData("30 5 9 * * MON", "UTC", "2026-11-28T00:00:00Z", "2026-11-30T09:05:30+00:00 2026-12-07T09:05:30+00:00")]
    [InlineData("0 0 13 * FRI", "UTC", "2026-01-01T00:00:00Z", "2026-02-13T00:00:00+00:00 2026-03-13T00:00:00+00:00")]
    [InlineData("0 12 L * *", "UTC", "2028-02-01T00:00:00Z", "2028-02-29T12:00:00+00:00 2028-03-31T12:00:00+00:00")]
    [InlineData("0 12 1W * *", "UTC", "2026-08-01T00:00:00Z", "2026-08-03T12:00:00+00:00 2026-09-01T12:00:00+00:00")]
    [InlineData("0 12 * * 2#2", "UTC", "2026-11-01T00:00:00Z", "2026-11-10T12:00:00+00:00 2026-12-08T12:00:00+00:00")]
    [InlineData("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00+00:00 2032-02-29T00:00:00+00:00")]
    [InlineData("*/20,5 0 * * *", "UTC", "2026-11-28T00:00:00Z", "2026-11-28T00:05:00+00:00 2026-11-28T00:20:00+00:00")]
    [InlineData("0 0 * * */6,3", "UTC", "2026-11-28T00:00:00Z", "2026-11-29T00:00:00+00:00 2026-12-02T00:00:00+00:00")]
    [InlineData("0 22-5/3 * * *", "UTC", "2026-11-28T21:00:00Z", "2026-11-28T22:00:00+00:00 2026-11-29T01:00:00+00:00")]
    [InlineData("@Weekly", "UTC", "2026-11-28T00:00:00Z", "2026-11-29T00:00:00+00:00 2026-12-06T00:00:00+00:00")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T03:00:00+02:00 2026-03-30T02:30:00+02:00")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T02:30:00+02:00 2026-10-26T02:30:00+01:00")]
    [InlineData("*/30 2 25 10 *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T02:00:00+02:00 2026-10-25T02:30:00+02:00 2026-10-25T02:00:00+01:00 2026-10-25T02:30:00+01:00")]
    [InlineData("30 1 * * *", "America/New_York", "2026-11-01T00:00:00Z", "2026-11-01T01:30:00-04:00 2026-11-02T01:30:00-05:00")]
    [InlineData("15 2 4 10 *", "Australia/Lord_Howe", "2026-10-01T00:00:00Z", "2026-10-04T02:30:00+11:00")]
    public void Occurrences_OfAnExpression_AreThoseOfItsClocks(string cron, string zone, string after, string expected)
    {
        var instants = expected.Split(' ').Select(At).ToList();

        Assert.Equal(instants.Select(Iso), Timetable.Of(Recurrence.Cron(cron, zone)).Occurrences(At(after), At(after)).Take(instants.Count).Select(Iso));
    }

    [Theory]
    [InlineData("60 * * * *", "cron is wrong at position 1, in minute: value must be a number between 0 and 59 (all inclusive), got '60' in '60 * * * *'; correct it.")]
    [InlineData("0 2 * * 1,MON,FRY", "cron is wrong at position 15, in day of week: value must be a number between 0 and 7 (all inclusive), got 'FRY' in '0 2 * * 1,MON,FRY'; correct it.")]
    [InlineData("*/20,5,61 * * * *", "cron is wrong at position 8, in minute: value must be a number between 0 and 59 (all inclusive), got '61' in '*/20,5,61 * * * *'; correct it.")]
    [InlineData(" 0 25 * * *", "cron is wrong at position 4, in hour: value must be a number between 0 and 23 (all inclusive), got '25' in ' 0 25 * * *'; correct it.")]
    [InlineData("0 0 0 * 13 *", "cron is wrong at position 9, in month: value must be a number between 1 and 12 (all inclusive), got '13'")]
    [InlineData("0 0 0 32 * *", "cron is wrong at position 7, in day of month: value must be a number between 1 and 31 (all inclusive), got '32'")]
    [InlineData("*/0 * * * *", "cron is wrong at position 3, in minute: value must be a number between 1 and 59 (all inclusive), got '0' in '*/0")]
    [InlineData("1,,2 * * * *", "cron is wrong at position 3, in minute: a value is missing, got ''")]
    [InlineData("1, * * * *", "cron is wrong at position 3, in minute: a value is missing, got ''")]
    [InlineData("5x * * * *", "cron is wrong at position 2, in minute: unexpected character, got 'x' in '5x * * * *'")]
    [InlineData("0 0 L,15 * *", "cron is wrong at position 6, in day of month: unexpected character, got ',15' in '0 0 L,15 * *'")]
    [InlineData("0 0 * * 5#6", "cron is wrong at position 11, in day of week: value must be a number between 1 and 5 (all inclusive), got '6' in '0 0 * * 5#6'")]
    [InlineData("H 0 * * *", "cron is wrong at position 1, in minute: H is not known; write a value, and give the schedule jitter, got 'H'")]
    [InlineData("@nightly", "cron is wrong at position 1, in the macro: it must be one of @yearly")]
    [InlineData("@daily 5", "cron is wrong at position 8, in the macro: it must be one of @yearly")]
    [InlineData("* * * *", "cron must be 5 fields (minute, hour, day of month, month, day of week), or 6 with seconds in front, got 4 in '* * * *': day of week is missing at position 8; separate them by spaces or tabs.")]
    [InlineData("5-70 * * * *", "cron is wrong at position 3, in minute: ")]
    [InlineData("0 2 * * *\0junk", "cron is wrong at position 10, in day of week: a control character, got '\ufffdjunk' in '0 2 * * *\ufffdjunk'; correct it.")]
    [InlineData("0 2 *\u00a0 * *", "cron is wrong at position 6, in day of month: fields are separated by spaces or tabs, got '\u00a0'")]
    [InlineData("0\u00a02 * * *", "cron must be 5 fields (minute, hour, day of month, month, day of week), or 6 with seconds in front, got 4 in '0\u00a02 * * *': U+00A0 at position 2 separates none; separate them by spaces or tabs.")]
    [InlineData("0 2 * *\n*", "cron must be 5 fields (minute, hour, day of month, month, day of week), or 6 with seconds in front, got 4 in '0 2 * *\ufffd*': U+000A at position 8 separates none")]
    [InlineData("@daily\0", "cron is wrong at position 1, in the macro: it must be one of @yearly")]
    [InlineData("* * * * * * *", "cron must be 5 fields (minute, hour, day of month, month, day of week), or 6 with seconds in front, got 7 in")]
    [InlineData("", "cron must be 5 fields, or 6 with seconds in front, of 1..1000 characters in all, got ''; write such as '0 2 * * *', every night at two.")]
    [InlineData("0 0 30 2 *", "cron must be due some day, got '0 0 30 2 *', which no date fits; correct its day of month, month or day of week.")]
    [InlineData("0 0 31 4,6,9,11 *", "cron must be due some day, got '0 0 31 4,6,9,11 *'")]
    public void Of_WhenTheExpressionCannotBe_SaysWhereAndWhy(string cron, string sentence) =>
        Assert.StartsWith(sentence, Assert.Throws<InvalidJobException>(() => Timetable.Of(Recurrence.Cron(cron))).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_WhenItIsLong_SaysHowLong()
    {
        var cron = string.Join(',', Enumerable.Repeat("1", 5_000)) + " * * * *";

        Assert.Contains("got 10007 characters", Assert.Throws<InvalidJobException>(() => Timetable.Of(Recurrence.Cron(cron))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WhenItHasAThousandCharacters_IsRead()
    {
        var cron = $"0 2 * *{new string(' ', 992)}*";

        Assert.Equal((1_000, "At 02:00, UTC"), (cron.Length, Timetable.Of(Recurrence.Cron(cron)).ToString()));
        Assert.StartsWith("cron must be 5 fields", Assert.Throws<InvalidJobException>(() => Timetable.Of(Recurrence.Cron(cron + " "))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Europe/Atlantis")]
    [InlineData("")]
    [InlineData("../UTC")]
    [InlineData("Europe//Berlin")]
    [InlineData("localtime")]
    [InlineData("posixrules")]
    [InlineData("Factory")]
    [InlineData("posix/Europe/Berlin")]
    [InlineData("right/Europe/Berlin")]
    public void Of_WhenTheTimeZoneIsUnknown_SaysSo(string zone) =>
        Assert.StartsWith("timeZone must be the name of an IANA time zone such as Europe/Berlin, got ", Assert.Throws<InvalidJobException>(() => Timetable.Of(Recurrence.Cron("0 2 * * *", zone))).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_WhateverIsWritten_IsReadOrRefusedByASentence() => Gen.String[Gen.Char["*/-,?#LWH@0123456789 \t AMONjanx\0"], 0, 24].Sample(
        text =>
        {
            try
            {
                Assert.NotEmpty(Timetable.Of(Recurrence.Cron(text)).ToString());
            }
            catch (InvalidJobException exception)
            {
                Assert.StartsWith("cron ", exception.Message, StringComparison.Ordinal);
                Assert.DoesNotContain(exception.Message, char.IsControl);
            }
        },
        iter: 20_000);

    [Theory]
    [InlineData("0 2 * * *", "At 02:00, UTC")]
    [InlineData("0 2,14 * * 1-5", "At 02:00 and 14:00, on Monday to Friday, UTC")]
    [InlineData("*/5 9-17 * * MON,WED", "Every 5 minutes, from 09:00 to 17:59, on Monday and Wednesday, UTC")]
    [InlineData("0 * * * *", "Every hour, UTC")]
    [InlineData("* * * * * *", "Every second, UTC")]
    [InlineData("30 5 9 L 2 *", "At 09:05:30, on the last day of the month, in February, UTC")]
    [InlineData("0 0 13 * FRI", "At 00:00, on day 13 of the month, if it is Friday, UTC")]
    [InlineData("0 0 * * 5#2", "At 00:00, on the second Friday of the month, UTC")]
    [InlineData("0 0 15W * *", "At 00:00, on the weekday nearest to day 15 of the month, UTC")]
    [InlineData("15,45 */2 * JAN-MAR *", "At minutes 15 and 45, in every 2 hours, in January to March, UTC")]
    [InlineData("?/15 ? ? * ?", "Every 15 minutes, UTC")]
    [InlineData("@daily", "At 00:00, UTC")]
    public void ToString_SaysItInPlainWords(string cron, string words) => Assert.Equal(words, Timetable.Of(Recurrence.Cron(cron)).ToString());

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static string Iso(DateTimeOffset instant) => instant.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
}
