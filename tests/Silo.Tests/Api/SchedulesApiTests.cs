using Xunit;

namespace Krewe.Silo.Tests.Api;

public sealed class SchedulesApiTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("""{"cron":"0 2 * * *","timeZone":"Europe/Berlin","after":"2026-03-28T12:00:00Z","count":2}""", """{"occurrences":["2026-03-29T03:00:00+02:00","2026-03-30T02:00:00+02:00"],"text":"At 02:00, Europe/Berlin"}""")]
    [InlineData("""{"Every":"90s","after":"2026-11-28T00:00:00+01:00","count":1}""", """{"occurrences":["2026-11-27T23:01:30+00:00"],"text":"Every 1 minute 30 seconds"}""")]
    [InlineData("""{"at":"2026-11-28T00:00:00Z","after":"2026-11-28T00:00:00Z"}""", """{"occurrences":[],"text":"Once, at 2026-11-28 00:00:00 +00:00"}""")]
    public async Task Preview_SaysWhenItWouldBeDue(string body, string expected)
    {
        var answer = await _server.PostAsync("/api/schedules/preview", body);

        Assert.Equal((200, expected), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task Preview_OfTheSun_IsToTheMinute()
    {
        var answer = await _server.PostAsync("/api/schedules/preview", """{"solar":{"event":"sunset","latitude":51.5085,"longitude":-0.1257},"after":"2015-12-25T12:00:00Z","count":1}""");

        Assert.Contains("2015-12-25T15:5", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"cron":"61 * * * *"}""", "cron is wrong at position 1, in minute: value must be a number between 0 and 59 (all inclusive), got '61' in '61 * * * *'; correct it.")]
    [InlineData("""{"cron":"0 0 30 2 *"}""", "cron must be due some day, got '0 0 30 2 *', which no date fits; correct its day of month, month or day of week.")]
    [InlineData("""{}""", "A schedule must have one of cron, every, at and solar, got none.")]
    [InlineData("""{"cron":"* * * * *","every":"5s"}""", "A schedule must have one of cron, every, at and solar, got cron and every.")]
    [InlineData("""{"every":"5s","timeZone":"UTC"}""", "'timeZone' must stand beside cron, got it beside every; leave it out.")]
    [InlineData("""{"every":"0.5s"}""", "every must be 1 second to 3,650 days, got 00:00:00.5000000; for less, let a job that runs go on by itself.")]
    [InlineData("""{"cron":"* * * * *","count":0}""", "count must be 1..1000, got 0; ask again from the last one.")]
    [InlineData("""{"cron":"* * * * *","count":"2"}""", "count must be a whole number, got \"2\".")]
    [InlineData("""{"cron":5}""", "cron must be a string, got 5.")]
    [InlineData("""{"cron":"* * * * *","after":"2026-11-28T00:00:00"}""", "after must be an instant with its offset, such as \"2026-01-31T12:00:00Z\", got \"2026-11-28T00:00:00\".")]
    [InlineData("""{"solar":{"event":"sunset","latitude":91,"longitude":0}}""", "solar.latitude must be -90..90 degrees, got 91.")]
    [InlineData("""{"solar":{"event":"moonrise","latitude":1,"longitude":0}}""", "solar.event must be one of \"DawnAstronomical\"")]
    [InlineData("""{"solar":{"latitude":1,"longitude":0}}""", "solar must be an object with event, latitude, longitude, got {\"latitude\":1,\"longitude\":0}.")]
    [InlineData("""{"cron":"* * * * *","tz":"UTC"}""", "The body has no member 'tz'; it knows after, count, cron, timeZone, every, aligned, at, solar.")]
    [InlineData("""[]""", "The body must be a JSON object, got array.")]
    public async Task Preview_WhenItCannotBe_SaysWhy(string body, string sentence)
    {
        var answer = await _server.PostAsync("/api/schedules/preview", body);

        Assert.Equal(400, answer.Status);
        Assert.StartsWith(sentence, answer.Detail, StringComparison.Ordinal);
    }
}
