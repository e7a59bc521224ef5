using System.CommandLine;
using System.CommandLine.Parsing;
using Krewe.Load.Workloads;

namespace Krewe.Load;

/// <summary>The command line of the load driver. Exit codes: 0 measured, 1 a run failed, 2 bad flag.</summary>
internal static class LoadCommand
{
    private const int RunFailed = 1;
    private const int BadFlag = 2;
    private static readonly TimeSpan TimeToCleanUp = TimeSpan.FromSeconds(45);

    private static readonly Option<string> Store = OneOf("--store", "The store under test.", "redis", "sqlite");
    private static readonly Option<string> Workload = OneOf("--workload", "What is measured.", [.. WorkloadRunner.Names, WorkloadRunner.All]);
    private static readonly Option<string?> Redis = new("--redis") { HelpName = "HOST:PORT", Description = "Use an empty database of this Redis (default: start a redis-server and end it)." };
    private static readonly Option<int?> Runs = new("--runs") { HelpName = "N", Description = "Runs per figure, 1..100 (default: 5; soak and flow_store: 1)." };
    private static readonly Option<int?> Jobs = new("--jobs") { HelpName = "N", Description = "Jobs per run (default: by workload)." };
    private static readonly Option<int> Silos = Number("--silos", "Silos of this process that make the cluster.", 1, 9);
    private static readonly Option<int> Concurrency = Number("--concurrency", "Slots of all silos together.", 400, 10_000);
    private static readonly Option<int> Callers = Number("--callers", "Callers that enqueue one by one.", 100, 10_000);
    private static readonly Option<int> Seconds = Number("--seconds", "How long soak lasts.", 600, 86_400);
    private static readonly Option<int> Rate = Number("--rate", "Jobs a second of soak.", 5_000, 100_000);

    /// <summary>Measures what the arguments say. Figures go to <paramref name="output"/>, one JSON line each; all else to <paramref name="error"/>.</summary>
    internal static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        Jobs.Validators.Add(result => Bound(result, result.GetValueOrDefault<int?>(), 10_000_000));
        Runs.Validators.Add(result => Bound(result, result.GetValueOrDefault<int?>(), 100));
        var command = new RootCommand("Measures throughput, latency and footprint of Krewe. Prints one line of JSON per figure; everything else goes to stderr.");
        foreach (var option in new Option[] { Store, Workload, Redis, Silos, Runs, Jobs, Concurrency, Callers, Seconds, Rate })
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellationToken) => MeasureAsync(Read(parsed), output, error, cancellationToken));
        var parsed = command.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (Problem(parsed) is { } problem)
        {
            await error.WriteLineAsync($"{problem}; --help lists all flags.");
            return BadFlag;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = TimeToCleanUp });
    }

    private static async Task<int> MeasureAsync(LoadFlags flags, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        try
        {
            await new WorkloadRunner(flags, output, error, TimeProvider.System).RunAsync(cancellationToken);
            return 0;
        }
        catch (Exception exception)
        {
            // Broad: whatever broke, the caller gets a code and a reason instead of a figure.
            await error.WriteLineAsync(exception is OperationCanceledException ? "Stopped." : exception.ToString());
            return RunFailed;
        }
    }

    private static string? Problem(ParseResult parsed) => parsed switch
    {
        { UnmatchedTokens: [var token, ..] } => $"There is no flag '{token}'",
        { Errors: [var first, ..] } => first.Message.TrimEnd('.'),
        _ when parsed.GetValue(Silos) > 1 && parsed.GetValue(Store) != "redis" => "--silos must come with --store redis, got another store; leave it out",
        _ => parsed.GetValue(Redis) is not null && parsed.GetValue(Store) != "redis" ? "--redis must come with --store redis, got another store; leave it out" : null,
    };

    private static LoadFlags Read(ParseResult parsed) => new()
    {
        Store = parsed.GetRequiredValue(Store),
        Workload = parsed.GetRequiredValue(Workload),
        Redis = parsed.GetValue(Redis),
        Runs = parsed.GetValue(Runs),
        Jobs = parsed.GetValue(Jobs),
        Silos = parsed.GetValue(Silos),
        Concurrency = parsed.GetValue(Concurrency),
        Callers = parsed.GetValue(Callers),
        Seconds = parsed.GetValue(Seconds),
        Rate = parsed.GetValue(Rate),
    };

    private static Option<string> OneOf(string flag, string description, params string[] values)
    {
        var option = new Option<string>(flag) { Required = true, HelpName = string.Join('|', values), Description = description };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !values.Contains(token.Value))
            {
                result.AddError($"{flag} must be one of {string.Join(", ", values)}, got '{token.Value}'");
            }
        });
        return option;
    }

    private static Option<int> Number(string flag, string description, int value, int max)
    {
        var option = new Option<int>(flag) { HelpName = "N", Description = $"{description} 1..{max} (default: {value}).", DefaultValueFactory = _ => value };
        option.Validators.Add(result => Bound(result, result.GetValueOrDefault<int>(), max));
        return option;
    }

    private static void Bound(OptionResult result, int? value, int max)
    {
        if (value is { } number && (number < 1 || number > max))
        {
            result.AddError($"{result.Option.Name} must be 1..{max}, got {number}");
        }
    }
}
