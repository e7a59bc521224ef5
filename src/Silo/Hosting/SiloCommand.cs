using System.CommandLine;

namespace Krewe.Hosting;

/// <summary>What the command line said: either an exit code at once (help, version, a mistake), or settings to lay over the configuration.</summary>
/// <param name="ExitCode">Set when the program is to end now; everything has been printed.</param>
/// <param name="Settings">By configuration key, such as <c>Krewe:Data</c>.</param>
internal sealed record CommandLine(int? ExitCode, IReadOnlyDictionary<string, string?> Settings);

/// <summary>The flags of the silo program. Each is also the configuration key and the environment variable of <see cref="SiloFlags"/>; flags win.</summary>
internal static class SiloCommand
{
    private static readonly (string Flag, string Key, string Value, string Description)[] Texts =
    [
        ("--data", nameof(SiloFlags.Data), "FILE", "Keep jobs in this SQLite file (default: krewe.db). Not together with --redis."),
        ("--redis", nameof(SiloFlags.Redis), "CONNECTION", "Keep jobs in Redis and join the cluster there; any StackExchange.Redis string, such as 10.0.0.5:6379,password=…"),
        ("--queues", nameof(SiloFlags.Queues), "critical=4,default=8", "Consume only these queues, each with its own slots (default: all queues share --concurrency)."),
        ("--concurrency", nameof(SiloFlags.Concurrency), "N", "Jobs that run at a time, 1..10000 (default: 5 per core, at least 20)."),
        ("--urls", nameof(SiloFlags.Urls), "URLS", "Where HTTP is served, separated by ';' (default: http://127.0.0.1:5555)."),
        ("--silo-port", nameof(SiloFlags.SiloPort), "N", "Port for other silos (default: 11111, or the next free one)."),
        ("--gateway-port", nameof(SiloFlags.GatewayPort), "N", "Port for .NET clients (default: 30000, or the next free one)."),
        ("--silo-address", nameof(SiloFlags.SiloAddress), "IP", "Address of both ports (default: 127.0.0.1). They have no authentication: private networks only."),
        ("--cluster-id", nameof(SiloFlags.ClusterId), "NAME", "Silos of one name and one Redis form a cluster (default: krewe)."),
        ("--drain", nameof(SiloFlags.Drain), "30s", "How long a stopping silo lets running jobs end, 0s..1h (default: 30s)."),
        ("--wait-for-store", nameof(SiloFlags.WaitForStore), "30s", "How long a starting silo waits for its store, 0s..1h (default: 30s)."),
        ("--api-key-file", nameof(SiloFlags.ApiKeyFile), "FILE", "The first line is the key that HTTP callers must show, as Authorization: Bearer KEY or X-Api-Key."),
        ("--log-level", nameof(SiloFlags.LogLevel), "LEVEL", "trace, debug, information, warning, error, critical or none (default: warning; Krewe's own at information)."),
    ];

    private static readonly (string Flag, string Key, string Description)[] Switches =
    [
        ("--allow-anonymous", nameof(SiloFlags.AllowAnonymous), "Serve HTTP to other machines without any key. Anyone who reaches the port can run jobs."),
        ("--demo", nameof(SiloFlags.Demo), "Run a day of a small shop on ./krewe-demo.db and show it; its outputs go to ./krewe-demo/."),
    ];

    /// <summary>Reads the command line; prints help, the version or what is wrong with it.</summary>
    internal static CommandLine Read(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        var command = new RootCommand(
            "Runs a Krewe silo: takes jobs over HTTP and from .NET clients, keeps them durably, runs their handlers.\n"
            + "Each flag is also a configuration key (--wait-for-store: Krewe:WaitForStore) and an environment variable (Krewe__WaitForStore); flags win.\n"
            + "Exit codes: 0 stopped, 1 cannot start, 2 bad flag or setting, 3 no store.");
        var jobs = new Option<string[]>("--jobs") { HelpName = "HANDLERS.dll", Description = "Load an assembly with job handlers; may be repeated.", Arity = ArgumentArity.OneOrMore };
        var texts = Texts.Select(text => (text.Key, Option: new Option<string?>(text.Flag) { HelpName = text.Value, Description = text.Description })).ToList();
        var switches = Switches.Select(@switch => (@switch.Key, Option: new Option<bool>(@switch.Flag) { Description = @switch.Description })).ToList();
        texts.Take(2).ToList().ForEach(text => command.Add(text.Option));
        command.Add(jobs);
        texts.Skip(2).ToList().ForEach(text => command.Add(text.Option));
        switches.ForEach(@switch => command.Add(@switch.Option));

        // No response files: a value that begins with @ is a value.
        var parsed = command.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            error.WriteLine(parsed.UnmatchedTokens.Count > 0
                ? $"There is no flag '{parsed.UnmatchedTokens[0]}'; --help lists them all."
                : $"{parsed.Errors[0].Message.TrimEnd('.')}; --help lists all flags.");
            return new(SiloStartException.BadUsage, new Dictionary<string, string?>());
        }

        if (parsed.Action is not null)
        {
            return new(parsed.Invoke(new InvocationConfiguration { Output = output, Error = error }), new Dictionary<string, string?>());
        }

        return new(null, Settings(texts, switches, jobs, parsed));
    }

    private static Dictionary<string, string?> Settings(
        List<(string Key, Option<string?> Option)> texts, List<(string Key, Option<bool> Option)> switches, Option<string[]> jobs, ParseResult parsed)
    {
        var settings = new Dictionary<string, string?>();
        foreach (var (key, option) in texts.Where(text => parsed.GetResult(text.Option) is not null))
        {
            settings[Key(key)] = parsed.GetValue(option);
        }

        foreach (var (key, option) in switches.Where(@switch => parsed.GetResult(@switch.Option) is { Implicit: false }))
        {
            settings[Key(key)] = parsed.GetValue(option) ? "true" : "false";
        }

        if (parsed.GetValue(jobs) is { Length: > 0 } paths)
        {
            settings[Key(nameof(SiloFlags.Jobs))] = string.Join(';', paths);
        }

        // A store named by flag wins over the other kind named by configuration; both by flag are left to be refused.
        if (settings.ContainsKey(Key(nameof(SiloFlags.Redis))))
        {
            settings.TryAdd(Key(nameof(SiloFlags.Data)), "");
        }
        else if (settings.ContainsKey(Key(nameof(SiloFlags.Data))))
        {
            settings.TryAdd(Key(nameof(SiloFlags.Redis)), "");
        }

        return settings;
    }

    private static string Key(string name) => $"{KreweOptions.Section}:{name}";
}
