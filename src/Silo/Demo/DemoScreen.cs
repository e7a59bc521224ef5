using System.Globalization;
using Krewe.Shop;
using Spectre.Console;

namespace Krewe.Demo;

/// <summary>One job of the day, as it ended.</summary>
/// <param name="IsExisting">Whether an earlier run had enqueued it.</param>
/// <param name="Info">Null where its record is gone by now.</param>
internal sealed record DemoRow(bool IsExisting, JobInfo? Info);

/// <summary>One flow of the day, as it ended.</summary>
/// <param name="IsExisting">Whether an earlier run had enqueued it.</param>
/// <param name="Info">Null where it is gone by now.</param>
internal sealed record DemoFlowRow(bool IsExisting, FlowInfo? Info);

/// <summary>Shows the day in a terminal: a live bar, then a table. Where the output goes to a file or a pipe, plain lines without control codes.</summary>
internal sealed class DemoScreen(IAnsiConsole console)
{
    private const int PlainWidth = 200;
    private const int PlainStep = 10;

    /// <summary>The terminal, or plain text where there is none.</summary>
    public static IAnsiConsole Console()
    {
        if (!System.Console.IsOutputRedirected)
        {
            return AnsiConsole.Console;
        }

        var plain = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(System.Console.Out) });
        plain.Profile.Width = PlainWidth;
        return plain;
    }

    public void Begin(DateOnly day, int count, int existing) => console.WriteLine(existing == 0
        ? $"A day of the film shop, {Date(day)}: {count} jobs over three queues. {ShopDay.FailuresOnPurpose} of them fail, and should."
        : $"A day of the film shop, {Date(day)}: {count} jobs, {existing} of them from an earlier run and not enqueued again.");

    public void BeginFlows(int count, int existing) => console.WriteLine(existing == 0
        ? $"{count} flows beside them: orders from the reservation to the confirmation, and a report. An order that cannot be paid or shipped is undone."
        : $"{count} flows beside them, {existing} of them from an earlier run and not enqueued again.");

    /// <summary>Shows how many jobs are final, until all are.</summary>
    /// <param name="endings">Completes as each becomes final.</param>
    /// <param name="what">What they are, in the plural.</param>
    public async Task FollowAsync(IReadOnlyList<Task<JobState>> endings, string what = "jobs")
    {
        if (console.Profile.Capabilities.Interactive && console.Profile.Capabilities.Ansi)
        {
            await console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).StartAsync(async progress =>
            {
                var bar = progress.AddTask(what, maxValue: endings.Count);
                await foreach (var ending in Task.WhenEach(endings))
                {
                    await ending;
                    bar.Increment(1);
                }
            });
            return;
        }

        var done = 0;
        await foreach (var ending in Task.WhenEach(endings))
        {
            await ending;
            done++;
            if (done % PlainStep == 0 || done == endings.Count)
            {
                console.WriteLine($"{done} of {endings.Count} {what} are final");
            }
        }
    }

    /// <summary>The table of all jobs.</summary>
    public void Show(IReadOnlyList<DemoRow> rows)
    {
        var table = new Table().Border(console.Profile.Capabilities.Ansi ? TableBorder.Rounded : TableBorder.Ascii);
        table.AddColumns("job", "id", "state", "attempts", "time", "");
        foreach (var row in rows.Where(row => row.Info is not null))
        {
            var info = row.Info!;
            table.AddRow(
                new Text(info.Name),
                new Text(info.Id[(info.Id.LastIndexOf('~') + 1)..]),
                new Text(info.State.ToString(), new Style(ColorOf(info.State))),
                new Text(info.Attempt.ToString(CultureInfo.InvariantCulture)),
                new Text(info.FinishedAt - info.StartedAt is { } time ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms") : ""),
                new Text(Note(row)));
        }

        console.Write(table);
        var states = rows.GroupBy(row => row.Info?.State.ToString() ?? "removed").OrderBy(group => group.Key, StringComparer.Ordinal);
        console.WriteLine(string.Join(", ", states.Select(group => $"{group.Count()} {group.Key}")) + ".");
    }

    /// <summary>The table of all flows.</summary>
    public void ShowFlows(IReadOnlyList<DemoFlowRow> rows)
    {
        var table = new Table().Border(console.Profile.Capabilities.Ansi ? TableBorder.Rounded : TableBorder.Ascii);
        table.AddColumns("flow", "id", "state", "jobs", "time", "");
        foreach (var row in rows.Where(row => row.Info is not null))
        {
            var info = row.Info!;
            table.AddRow(
                new Text(info.Name ?? ""),
                new Text(info.Id),
                new Text(info.State.ToString(), new Style(ColorOf(info.State))),
                new Text(string.Create(CultureInfo.InvariantCulture, $"{info.Counts.Succeeded} of {info.Counts.Total}")),
                new Text(info.FinishedAt - info.CreatedAt is { } time ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms") : ""),
                new Text(info.Error is { } error ? Cut($"{error.JobName}: {error.Message}") : row.IsExisting ? "from an earlier run" : ""));
        }

        console.Write(table);
    }

    /// <summary>Where the outputs are, and what can be looked at now.</summary>
    public void End(ShopOptions folders, DateOnly day, string url)
    {
        console.WriteLine($"Mails:      {folders.MailDirectory}");
        console.WriteLine($"Thumbnails: {folders.ThumbnailDirectory}");
        console.WriteLine($"Reports:    {folders.ReportDirectory}");
        console.WriteLine($"Nightly:    {folders.NightlyFile(day)}");
        console.WriteLine($"Labels:     {folders.ShippingDirectory}");
        console.WriteLine($"Jobs:       {url}/api/jobs");
        console.WriteLine($"Dashboard:  {url}/orleans");
        console.WriteLine("Serving until Ctrl+C. Run it again: the day's jobs are done once.");
    }

    private static string Note(DemoRow row) => row switch
    {
        { Info.State: JobState.Failed } => Cut(row.Info!.Errors is [.., var last] ? last.Message : row.Info.Reason ?? ""),
        { IsExisting: true } => "from an earlier run",
        _ => "",
    };

    private static string Cut(string text) => text.ReplaceLineEndings(" ") is { Length: > 60 } line ? string.Concat(line.AsSpan(0, 59), "…") : text.ReplaceLineEndings(" ");

    private static Color ColorOf(JobState state) => state switch
    {
        JobState.Succeeded => Color.Green,
        JobState.Failed => Color.Red,
        _ => Color.Yellow,
    };

    private static string Date(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
