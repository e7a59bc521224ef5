using Krewe.Demo;
using Krewe.Shop;
using Spectre.Console;
using Xunit;

namespace Krewe.Silo.Tests.Demo;

public sealed class DemoScreenTests : IDisposable
{
    private readonly StringWriter _output = new();

    [Fact]
    public async Task Follow_WhenOutputIsNoTerminal_WritesPlainLines()
    {
        await Screen().FollowAsync([.. Enumerable.Range(0, 25).Select(_ => Task.FromResult(JobState.Succeeded))]);

        Assert.Equal(["10 of 25 jobs are final", "20 of 25 jobs are final", "25 of 25 jobs are final"], Lines());
    }

    [Fact]
    public void Show_WhenJobsEnded_HasARowForEach()
    {
        var at = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
        var job = new JobInfo { Id = "low~0~day-1", Name = "pictures.thumbnail", Queue = "low", State = JobState.Succeeded, Attempt = 1, StartedAt = at, FinishedAt = at.AddMilliseconds(42) };
        var failed = job with { Id = "low~0~day-2", State = JobState.Failed, Attempt = 4, Errors = [new JobError(4, "T", "cut\nshort", null, at, true)] };

        Screen().Show([new(true, job), new(false, failed), new(false, null)]);

        var text = _output.ToString();
        Assert.DoesNotContain('\e', text);
        Assert.Contains("| pictures.thumbnail | day-1 | Succeeded | 1        | 42 ms | from an earlier run |", text, StringComparison.Ordinal);
        Assert.Contains("| pictures.thumbnail | day-2 | Failed    | 4        | 42 ms | cut short           |", text, StringComparison.Ordinal);
        Assert.Equal("1 Failed, 1 Succeeded, 1 removed.", Lines()[^1]);
    }

    [Fact]
    public void Begin_WhenSomeAreFromAnEarlierRun_SaysSo()
    {
        Screen().Begin(new DateOnly(2026, 1, 31), 69, 69);

        Assert.Equal(["A day of the film shop, 2026-01-31: 69 jobs, 69 of them from an earlier run and not enqueued again."], Lines());
    }

    [Fact]
    public void End_WhenDone_SaysWhereEverythingIs()
    {
        Screen().End(new ShopOptions { OutputDirectory = "/x" }, new DateOnly(2026, 1, 31), "http://127.0.0.1:1");

        Assert.Contains("Mails:      /x/mail", Lines());
        Assert.Contains("Nightly:    /x/reports/nightly-2026-01-31.html", Lines());
        Assert.Contains("Dashboard:  http://127.0.0.1:1/orleans", Lines());
    }

    [Fact]
    public void ShowFlows_WhenFlowsEnded_HasARowForEach()
    {
        var at = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
        var flow = new FlowInfo { Id = "day-1", Name = "order 1", State = JobState.Succeeded, CreatedAt = at, FinishedAt = at.AddMilliseconds(42), Counts = new FlowCounts { Total = 4, Succeeded = 4 } };
        var failed = flow with { Id = "day-2", State = JobState.Failed, Error = new FlowError("default~0~day-2.4", "shipping.ship", "T", "No carrier goes there.", 1), Counts = new FlowCounts { Total = 6, Succeeded = 4 } };

        Screen().ShowFlows([new(true, flow), new(false, failed), new(false, null)]);

        var text = _output.ToString();
        Assert.Contains("| order 1 | day-1 | Succeeded | 4 of 4 | 42 ms | from an earlier run                   |", text, StringComparison.Ordinal);
        Assert.Contains("| order 1 | day-2 | Failed    | 4 of 6 | 42 ms | shipping.ship: No carrier goes there. |", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Follow_WhenTheyAreFlows_SaysSo()
    {
        await Screen().FollowAsync([Task.FromResult(JobState.Failed)], "flows");

        Assert.Equal(["1 of 1 flows are final"], Lines());
    }

    public void Dispose() => _output.Dispose();

    private DemoScreen Screen()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(_output) });
        console.Profile.Width = 160;
        return new(console);
    }

    private string[] Lines() => _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
