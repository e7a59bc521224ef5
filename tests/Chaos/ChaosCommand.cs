using System.CommandLine;
using System.Globalization;
using Krewe.Chaos.Check;
using Krewe.Chaos.Faults;
using Krewe.Chaos.Jobs;
using Krewe.Testing.Redis;

namespace Krewe.Chaos;

/// <summary>The command line. Exit codes: 0 nothing lost and nothing run twice while it was alive, 1 something was or a fault went otherwise, 2 bad flag, 3 stopped before its end and nothing wrong until then.</summary>
internal static class ChaosCommand
{
    private const int Broken = 1;
    private const int BadFlag = 2;
    private const int Stopped = 3;

    private static readonly Option<string[]> Fault = new("--fault") { HelpName = string.Join('|', FaultPlan.Names), Description = "A fault; may be repeated (default: --faults drawn by --seed)." };
    private static readonly Option<int> Faults = Number("--faults", "Faults to draw.", 10, 1, 10_000);
    private static readonly Option<int> Seed = Number("--seed", "Of the sequence of jobs and faults.", 1, 0, int.MaxValue);
    private static readonly Option<int> Silos = Number("--silos", "Silos of the cluster.", 3, 2, 16);
    private static readonly Option<int> Rate = Number("--rate", "Jobs a second.", 50, 1, 1_000);
    private static readonly Option<int> Chords = Number("--chords", "Chords of the fault flows.", 100, 1, 10_000);
    private static readonly Option<int> Members = Number("--members", "Members of each chord.", 100, 1, 10_000);
    private static readonly Option<string> Fsync = new("--fsync") { HelpName = "always|everysec", Description = "How Redis writes to disk (default: always).", DefaultValueFactory = _ => "always" };
    private static readonly Option<bool> Long = new("--long") { Description = "Let silos and Redis stand still for as long as they may: 60 s and 30 s." };
    private static readonly Option<string?> Folder = new("--folder") { HelpName = "DIR", Description = "Keep ledgers and logs here (default: a temporary folder, kept only when the promise did not hold)." };

    /// <summary>Runs what the arguments say. The table goes to <paramref name="output"/>, all else to <paramref name="error"/>.</summary>
    internal static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        Fault.AcceptOnlyFromAmong([.. FaultPlan.Names]);
        Fsync.AcceptOnlyFromAmong("always", "everysec");
        var command = new RootCommand("Starts a Redis and silos as processes, lets faults happen to them under a steady load, and checks what the handlers wrote down.");
        foreach (var option in new Option[] { Fault, Faults, Seed, Silos, Rate, Chords, Members, Fsync, Long, Folder })
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellationToken) => RunAsync(Read(parsed), $"dotnet run -c Release --project tests/Chaos -- {string.Join(' ', args)}".TrimEnd(), parsed.GetValue(Folder), output, error, cancellationToken));
        var parsed = command.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors is [var first, ..])
        {
            await error.WriteLineAsync($"{first.Message.TrimEnd('.')}; --help lists all flags.");
            return BadFlag;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });
    }

    private static async Task<int> RunAsync(ChaosSettings settings, string command, string? kept, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var folder = kept is null ? Directory.CreateTempSubdirectory("krewe-chaos-").FullName : Directory.CreateDirectory(kept).FullName;
        try
        {
            Verdict verdict;
            await using (var run = await ChaosRun.StartAsync(settings, folder, TimeProvider.System, cancellationToken))
            {
                // Written before the cluster is taken down: that lasts, where Ctrl-C has reached its processes, too.
                verdict = await JudgeAsync(run, settings, error, cancellationToken);
                await output.WriteLineAsync(ChaosTable.Of(command, settings, verdict, run.Refused));
                await Findings.WriteAsync(verdict, error);
                if (!verdict.Holds)
                {
                    run.KeepStore();
                }
            }

            if (verdict.Holds && kept is null)
            {
                Directory.Delete(folder, recursive: true);
            }
            else
            {
                await error.WriteLineAsync($"Ledgers and logs: {folder}");
            }

            return !verdict.Holds ? Broken : verdict.Stopped is null ? 0 : Stopped;
        }
        catch (Exception exception)
        {
            // Broad: whatever broke, the caller gets a code, a reason and the logs instead of a table.
            await error.WriteLineAsync(exception is OperationCanceledException or ChaosException ? exception.Message : exception.ToString());
            await error.WriteLineAsync($"Ledgers and logs: {folder}");
            return Broken;
        }
    }

    private static async Task<Verdict> JudgeAsync(ChaosRun run, ChaosSettings settings, TextWriter error, CancellationToken cancellationToken)
    {
        var (started, over) = (MachineClock.Now, 0);
        try
        {
            foreach (var planned in settings.Plan)
            {
                await error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{(MachineClock.Now - started).TotalSeconds,7:0.0} s  {over + 1}/{settings.Plan.Count} {planned.Fault.Name}, place {planned.Victim}"));
                await run.InjectAsync(planned, cancellationToken);
                over++;
            }

            return await run.JudgeAsync(cancellationToken);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Broad: Ctrl-C reaches silos and Redis, too, so anything may fail then.
            await error.WriteLineAsync("Stopped before its end; what has ended so far is judged.");
            return run.JudgeStopped(over);
        }
    }

    private static ChaosSettings Read(ParseResult parsed)
    {
        var (seed, silos, names) = (parsed.GetValue(Seed), parsed.GetValue(Silos), parsed.GetValue(Fault) ?? []);
        return new ChaosSettings
        {
            Seed = seed,
            Silos = silos,
            PerSecond = parsed.GetValue(Rate),
            Persistence = parsed.GetValue(Fsync) == "always" ? RedisPersistence.Always : RedisPersistence.EverySecond,
            IsLong = parsed.GetValue(Long),
            Chords = new ChordSettings { Chords = parsed.GetValue(Chords), Members = parsed.GetValue(Members) },
            Plan = names.Length > 0 ? FaultPlan.Of(seed, silos, names) : FaultPlan.Mix(seed, parsed.GetValue(Faults), silos),
        };
    }

    private static Option<int> Number(string flag, string description, int value, int min, int max)
    {
        var option = new Option<int>(flag) { HelpName = "N", Description = $"{description} {min}..{max} (default: {value}).", DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var number && (number < min || number > max))
            {
                result.AddError($"{flag} must be {min}..{max}, got {number}");
            }
        });
        return option;
    }
}
