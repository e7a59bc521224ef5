using System.Globalization;
using System.Runtime;
using Krewe.Load.Figures;
using Krewe.Load.Stores;

namespace Krewe.Load.Workloads;

/// <summary>What a silo costs that has nothing to do, over 30 seconds: processor time of its process, commands of its Redis.</summary>
internal sealed class IdleWorkload : IWorkload
{
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The tiered compiler goes on for minutes after a load has ended: a method that a timer calls each second or less often is compiled twice more at its thirtieth call. That is no idle silo's cost, so a
    /// run waits until the compiler takes less than a thousandth of a core.
    /// </summary>
    private static readonly TimeSpan MostCompiling = Span / 1_000;
    private static readonly TimeSpan LeastQuiet = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan MostQuiet = TimeSpan.FromMinutes(6);

    public string Name => "idle";

    public int DefaultJobs => 20_000;

    public async Task<IReadOnlyList<Reading>> RunAsync(LoadRun run)
    {
        await using var silo = await run.StartWarmSiloAsync();
        Footprint.SettledBytes();
        await QuietAsync(run);
        var before = await run.Store.CommandsAsync();
        var (started, used) = (run.Time.GetTimestamp(), Footprint.ProcessorTime());
        await Task.Delay(Span, run.Time, run.CancellationToken);
        var (seconds, busy) = (run.Time.GetElapsedTime(started).TotalSeconds, (Footprint.ProcessorTime() - used).TotalSeconds);
        var processor = new Reading("idle_cpu", busy / seconds * 100, "% of a core");
        if (before is null || await run.Store.CommandsAsync() is not { } after)
        {
            return [processor];
        }

        await run.Log.WriteLineAsync(Table(before, after, seconds));
        return [processor, new("idle_commands", (after.Total - before.Total) / seconds, "commands/s")];
    }

    private static async Task QuietAsync(LoadRun run)
    {
        var started = run.Time.GetTimestamp();
        await Task.Delay(LeastQuiet - Span, run.Time, run.CancellationToken);
        TimeSpan compiling;
        do
        {
            var compiled = JitInfo.GetCompilationTime();
            await Task.Delay(Span, run.Time, run.CancellationToken);
            compiling = JitInfo.GetCompilationTime() - compiled;
        }
        while (compiling > MostCompiling && run.Time.GetElapsedTime(started) < MostQuiet);
        await run.Log.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  quiet for {run.Time.GetElapsedTime(started).TotalSeconds:N0} s; compiler: {compiling / Span:P2} of a core in the last {Span.TotalSeconds:N0} s"));
    }

    /// <summary>The commands by name, most frequent first. Those of this program itself are one INFO or two.</summary>
    private static string Table(CommandCounts before, CommandCounts after, double seconds) => string.Join(Environment.NewLine, after.ByName
        .Select(command => (Name: command.Key, PerSecond: (command.Value - before.ByName.GetValueOrDefault(command.Key)) / seconds))
        .Where(command => command.PerSecond > 0)
        .OrderByDescending(command => command.PerSecond)
        .Select(command => string.Create(CultureInfo.InvariantCulture, $"  {command.Name,-24} {command.PerSecond,8:N2}/s")));
}
