using System.Net;
using Krewe.Security;

namespace Krewe.Hosting;

/// <summary>What the silo program was told, by flag, configuration key or environment variable. Checked whole before anything starts.</summary>
internal sealed record SiloFlags
{
    public const string DefaultUrl = "http://127.0.0.1:5555";

    /// <summary>The SQLite file; null with <see cref="Redis"/>.</summary>
    public string? Data { get; init; }

    /// <summary>The StackExchange.Redis string; never logged, it may hold a password.</summary>
    public string? Redis { get; init; }

    /// <summary>Handler assemblies to load.</summary>
    public required IReadOnlyList<string> Jobs { get; init; }

    /// <summary>Slots by queue; empty: all queues share <see cref="Concurrency"/>.</summary>
    public required IReadOnlyDictionary<string, int> Queues { get; init; }

    /// <summary>Null: the engine's default.</summary>
    public int? Concurrency { get; init; }

    public required IReadOnlyList<string> Urls { get; init; }

    /// <summary>Null: 11111, or the next free one.</summary>
    public int? SiloPort { get; init; }

    /// <summary>Null: 30000, or the next free one.</summary>
    public int? GatewayPort { get; init; }

    public required IPAddress SiloAddress { get; init; }

    public required string ClusterId { get; init; }

    public TimeSpan Drain { get; init; }

    public TimeSpan WaitForStore { get; init; }

    public string? ApiKeyFile { get; init; }

    public bool AllowAnonymous { get; init; }

    /// <summary>Null: warning, and Krewe's own at information.</summary>
    public LogLevel? LogLevel { get; init; }

    public bool Demo { get; init; }

    /// <summary>Reads and checks the flags.</summary>
    /// <exception cref="SiloStartException">One does not read, or two do not go together.</exception>
    public static SiloFlags Read(IConfiguration configuration)
    {
        RefuseUnknown(configuration.GetSection(KreweOptions.Section));
        var settings = new SettingReader(configuration.GetSection(KreweOptions.Section));
        var demo = settings.Switch(nameof(Demo));
        var (data, redis) = (settings.Text(nameof(Data)), settings.Text(nameof(Redis)));
        RefuseTwoStores(data, redis, demo);
        return new SiloFlags
        {
            Data = redis is not null ? null : demo ? "krewe-demo.db" : data ?? "krewe.db",
            Redis = redis,
            Jobs = settings.List(nameof(Jobs)),
            Queues = settings.Slots(nameof(Queues)),
            Concurrency = settings.Number(nameof(Concurrency), 1, 10_000),
            Urls = ReadUrls(settings, configuration),
            SiloPort = settings.Number(nameof(SiloPort), 1, 65_535),
            GatewayPort = settings.Number(nameof(GatewayPort), 1, 65_535),
            SiloAddress = settings.Address(nameof(SiloAddress)) ?? IPAddress.Loopback,
            ClusterId = settings.Name(nameof(ClusterId)) ?? "krewe",
            Drain = settings.Duration(nameof(Drain), TimeSpan.FromHours(1)) ?? new KreweOptions().Drain,
            WaitForStore = settings.Duration(nameof(WaitForStore), TimeSpan.FromHours(1)) ?? new KreweOptions().WaitForStore,
            ApiKeyFile = settings.Text(nameof(ApiKeyFile)),
            AllowAnonymous = settings.Switch(nameof(AllowAnonymous)),
            LogLevel = settings.Level(nameof(LogLevel)),
            Demo = demo,
        };
    }

    /// <summary>Lays these flags over the engine's options.</summary>
    public void Apply(KreweOptions options)
    {
        (options.Drain, options.WaitForStore, options.Concurrency) = (Drain, WaitForStore, Concurrency ?? options.Concurrency);
        foreach (var (queue, slots) in Queues)
        {
            options.ConsumedQueues[queue] = slots;
            options.Queues.TryAdd(queue, new QueueOptions());
        }
    }

    // A name that is misspelt would be left out without a word.
    private static void RefuseUnknown(IConfigurationSection section)
    {
        var known = typeof(SiloFlags).GetProperties().Concat(typeof(KreweOptions).GetProperties()).Where(property => property.CanWrite).Select(property => property.Name)
            .Append(KreweGates.AllowedHosts).Distinct().Order(StringComparer.Ordinal).ToList();
        if (section.GetChildren().FirstOrDefault(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new SiloStartException($"{KreweOptions.Section} has no setting '{unknown.Key}'; it knows {string.Join(", ", known)}.", SiloStartException.BadUsage);
        }
    }

    private static void RefuseTwoStores(string? data, string? redis, bool demo)
    {
        // The connection string is not repeated: it may hold a password.
        if (data is not null && redis is not null)
        {
            throw new SiloStartException($"Expected --data or --redis, got both (--data {data}); a silo keeps its jobs in a file or in Redis.", SiloStartException.BadUsage);
        }

        if (demo && (data ?? redis) is not null)
        {
            throw new SiloStartException("--demo keeps its jobs in ./krewe-demo.db, got --data or --redis beside it; leave that out.", SiloStartException.BadUsage);
        }
    }

    // ASP.NET Core's own "urls" setting (ASPNETCORE_URLS) counts where Krewe's is not given.
    private static IReadOnlyList<string> ReadUrls(SettingReader settings, IConfiguration configuration)
    {
        var urls = settings.List(nameof(Urls));
        if (urls is [])
        {
            urls = (configuration[WebHostDefaults.ServerUrlsKey] ?? DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }

        foreach (var url in urls)
        {
            if (!url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || !IsAddress(url))
            {
                throw new SiloStartException($"--urls (Krewe:Urls) must be URLs such as {DefaultUrl}, separated by ';', got '{url}'.", SiloStartException.BadUsage);
            }
        }

        return urls;
    }

    private static bool IsAddress(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { PathBase: "", Port: <= 65_535 };
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
