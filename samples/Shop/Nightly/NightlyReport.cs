namespace Krewe.Shop.Nightly;

/// <summary>The nightly report: each genre is counted by a job of its own, and one page is written when all of them are.</summary>
public static class NightlyReport
{
    /// <summary>The flow of a night.</summary>
    /// <param name="day">The day that the page is of.</param>
    /// <param name="genres">The genres to count.</param>
    public static Chord<NightlySummary> Of(DateOnly day, IEnumerable<string> genres) =>
        Chord.Of(genres.Select(genre => new CountGenre(genre))).Then(new WriteNightlyPage(day));
}
