using System.Net;
using Krewe.Hosting;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Krewe.Silo.Tests.Hosting;

public sealed class SiloFlagsTests
{
    /// <summary>Flag, key, text, and how the flags then read.</summary>
    public static TheoryData<string, string, string, string> Texts => new()
    {
        { "--data", "Data", "x/jobs.db", "x/jobs.db" },
        { "--redis", "Redis", "10.0.0.5:6379,password=a=b", "10.0.0.5:6379,password=a=b" },
        { "--jobs", "Jobs", "a.dll;b.dll", "a.dll|b.dll" },
        { "--queues", "Queues", "critical=4,default=8", "critical:4|default:8" },
        { "--concurrency", "Concurrency", "7", "7" },
        { "--urls", "Urls", "http://127.0.0.1:1;http://[::1]:2", "http://127.0.0.1:1|http://[::1]:2" },
        { "--silo-port", "SiloPort", "11200", "11200" },
        { "--gateway-port", "GatewayPort", "30200", "30200" },
        { "--silo-address", "SiloAddress", "10.1.2.3", "10.1.2.3" },
        { "--cluster-id", "ClusterId", "blue-1", "blue-1" },
        { "--drain", "Drain", "5m", "00:05:00" },
        { "--wait-for-store", "WaitForStore", "00:00:07", "00:00:07" },
        { "--api-key-file", "ApiKeyFile", "/run/key", "/run/key" },
        { "--allow-anonymous", "AllowAnonymous", "true", "True" },
        { "--log-level", "LogLevel", "debug", "Debug" },
        { "--demo", "Demo", "true", "True" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Read_WhenGivenByFlag_HasIt(string flag, string key, string text, string expected) => Assert.Equal(expected, Shown(Flags(flag, text), key));

    [Theory]
    [MemberData(nameof(Texts))]
    public void Read_WhenGivenByKey_HasIt(string flag, string key, string text, string expected)
    {
        Assert.StartsWith("--", flag, StringComparison.Ordinal);
        Assert.Equal(expected, Shown(new ConfigurationBuilder().AddInMemoryCollection([new($"Krewe:{key}", text)]).Build(), key));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Read_WhenGivenByEnvironment_HasIt(string flag, string key, string text, string expected)
    {
        // A prefix of its own, so that tests that run at the same time do not see it.
        var prefix = $"SILOTEST{flag.Replace("-", "", StringComparison.Ordinal)}_";
        Environment.SetEnvironmentVariable($"{prefix}Krewe__{key}", text);

        Assert.Equal(expected, Shown(new ConfigurationBuilder().AddEnvironmentVariables(prefix).Build(), key));
    }

    [Fact]
    public void Read_WhenASettingIsMisspelt_NamesItAndThoseThereAre()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Krewe:maxdeliveries", "3"), new("Krewe:AllowedHosts:0", "a"), new("Krewe:Concurency", "4")]).Build();

        var exception = Assert.Throws<SiloStartException>(() => SiloFlags.Read(configuration));

        Assert.StartsWith("Krewe has no setting 'Concurency'; it knows AllowAnonymous, AllowedHosts, ApiKeyFile, CancelGrace, ClusterId, Concurrency, ", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, exception.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Read_WhenGivenByFlagAndKey_TakesTheFlag(string flag, string key, string text, string expected)
    {
        var weaker = new Dictionary<string, string?> { [$"Krewe:{key}"] = key is "AllowAnonymous" or "Demo" ? "false" : "nonsense?" };

        Assert.Equal(expected, Shown(new ConfigurationBuilder().AddInMemoryCollection(weaker).AddInMemoryCollection(Read(Args(flag, text)).Settings).Build(), key));
    }

    [Fact]
    public void Read_WhenNothingIsGiven_HasDefaults()
    {
        var flags = SiloFlags.Read(new ConfigurationBuilder().Build());

        Assert.Equal(("krewe.db", null, null, null, null, "krewe", null), (flags.Data, flags.Redis, flags.Concurrency, flags.SiloPort, flags.GatewayPort, flags.ClusterId, flags.ApiKeyFile));
        Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), IPAddress.Loopback, null, false, false), (flags.Drain, flags.WaitForStore, flags.SiloAddress, flags.LogLevel, flags.AllowAnonymous, flags.Demo));
        Assert.Equal([SiloFlags.DefaultUrl], flags.Urls);
        Assert.Empty(flags.Jobs);
        Assert.Empty(flags.Queues);
    }

    [Theory]
    [InlineData("--data", "b.db")]
    [InlineData("--redis", "b:6379")]
    public void Read_WhenFlagNamesTheOtherStore_TakesTheFlag(string flag, string store)
    {
        var weaker = new Dictionary<string, string?> { [flag == "--data" ? "Krewe:Redis" : "Krewe:Data"] = "other" };

        var flags = SiloFlags.Read(new ConfigurationBuilder().AddInMemoryCollection(weaker).AddInMemoryCollection(Read([flag, store]).Settings).Build());

        Assert.Equal(store, flag == "--data" ? flags.Data : flags.Redis);
        Assert.Null(flag == "--data" ? flags.Redis : flags.Data);
    }

    [Fact]
    public void Read_WhenJobsAreAnArray_ReadsThemBesideOtherChildren()
    {
        var settings = new Dictionary<string, string?> { ["Krewe:Jobs:1"] = "b.dll", ["Krewe:Jobs:0"] = "a.dll", ["Krewe:Jobs:email.send:MaxRetries"] = "3" };

        Assert.Equal(["a.dll", "b.dll"], SiloFlags.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).Jobs);
    }

    [Fact]
    public void Read_WhenAspNetCoreUrlsAreSet_TakesThem()
    {
        var settings = new Dictionary<string, string?> { ["urls"] = "http://127.0.0.1:9" };

        Assert.Equal(["http://127.0.0.1:9"], SiloFlags.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).Urls);
    }

    [Theory]
    [InlineData("Concurrency", "0", "--concurrency (Krewe:Concurrency) must be a whole number 1..10000, got '0'.")]
    [InlineData("Concurrency", "many", "--concurrency (Krewe:Concurrency) must be a whole number 1..10000, got 'many'.")]
    [InlineData("SiloPort", "65536", "--silo-port (Krewe:SiloPort) must be a whole number 1..65535, got '65536'.")]
    [InlineData("GatewayPort", "-1", "--gateway-port (Krewe:GatewayPort) must be a whole number 1..65535, got '-1'.")]
    [InlineData("SiloAddress", "silo-1", "--silo-address (Krewe:SiloAddress) must be an IP address of this machine that the other silos reach, such as 10.0.0.5, got 'silo-1'.")]
    [InlineData("SiloAddress", "0.0.0.0", "--silo-address (Krewe:SiloAddress) must be an IP address of this machine that the other silos reach, such as 10.0.0.5, got '0.0.0.0'.")]
    [InlineData("ClusterId", "a b", "--cluster-id (Krewe:ClusterId) must be 1..100 of the characters A-Z a-z 0-9 . _ -, got 'a b'.")]
    [InlineData("Drain", "30", "--drain (Krewe:Drain) must be a duration of 0s..1h such as 30s, 5m or 00:00:30, got '30'.")]
    [InlineData("Drain", "2h", "--drain (Krewe:Drain) must be a duration of 0s..1h such as 30s, 5m or 00:00:30, got '2h'.")]
    [InlineData("WaitForStore", "-00:00:01", "--wait-for-store (Krewe:WaitForStore) must be a duration of 0s..1h such as 30s, 5m or 00:00:30, got '-00:00:01'.")]
    [InlineData("LogLevel", "loud", "--log-level (Krewe:LogLevel) must be trace, debug, information, warning, error, critical or none, got 'loud'.")]
    [InlineData("LogLevel", "3", "--log-level (Krewe:LogLevel) must be trace, debug, information, warning, error, critical or none, got '3'.")]
    [InlineData("Queues", "critical", "--queues (Krewe:Queues) must be queues with 1..10000 slots each, such as critical=4,default=8, got 'critical'.")]
    [InlineData("Queues", "critical=0", "--queues (Krewe:Queues) must be queues with 1..10000 slots each, such as critical=4,default=8, got 'critical=0'.")]
    [InlineData("Queues", "a=1,a=2", "--queues (Krewe:Queues) must be each queue once, got 'a=2'.")]
    [InlineData("Urls", "127.0.0.1:5555", "--urls (Krewe:Urls) must be URLs such as http://127.0.0.1:5555, separated by ';', got '127.0.0.1:5555'.")]
    [InlineData("Urls", "http://127.0.0.1:99999", "--urls (Krewe:Urls) must be URLs such as http://127.0.0.1:5555, separated by ';', got 'http://127.0.0.1:99999'.")]
    [InlineData("Urls", "http://127.0.0.1:1/base", "--urls (Krewe:Urls) must be URLs such as http://127.0.0.1:5555, separated by ';', got 'http://127.0.0.1:1/base'.")]
    [InlineData("AllowAnonymous", "yes", "--allow-anonymous (Krewe:AllowAnonymous) must be true or false, got 'yes'.")]
    public void Read_WhenValueIsBad_NamesFlagAndKey(string key, string text, string sentence)
    {
        var exception = Assert.Throws<SiloStartException>(() => SiloFlags.Read(new ConfigurationBuilder().AddInMemoryCollection([new($"Krewe:{key}", text)]).Build()));

        Assert.Equal((sentence, SiloStartException.BadUsage), (exception.Message, exception.ExitCode));
    }

    [Fact]
    public void Read_WhenBothStoresAreGiven_RefusesWithoutThePassword()
    {
        var exception = Assert.Throws<SiloStartException>(() => SiloFlags.Read(Flags("--data", "a.db", "--redis", "b,password=secret")));

        Assert.Equal(("Expected --data or --redis, got both (--data a.db); a silo keeps its jobs in a file or in Redis.", 2), (exception.Message, exception.ExitCode));
    }

    [Fact]
    public void Read_WhenDemoHasAnotherStore_Refuses() =>
        Assert.Equal(2, Assert.Throws<SiloStartException>(() => SiloFlags.Read(Flags("--demo", "true", "--data", "a.db"))).ExitCode);

    [Fact]
    public void Read_WhenDemo_HasAFileOfItsOwn() => Assert.Equal("krewe-demo.db", SiloFlags.Read(Flags("--demo", "true")).Data);

    [Fact]
    public void Apply_WhenQueuesAreGiven_MakesThemExistAndConsumesThem()
    {
        var options = new KreweOptions { Queues = { ["mail"] = new QueueOptions { Weight = 3 } } };

        SiloFlags.Read(Flags("--queues", "mail=2,extra=1", "--drain", "7s", "--wait-for-store", "8s", "--concurrency", "9")).Apply(options);

        Assert.Equal(new Dictionary<string, int> { ["mail"] = 2, ["extra"] = 1 }, options.ConsumedQueues);
        Assert.Equal((3, true), (options.Queues["mail"].Weight, options.Queues.ContainsKey("extra")));
        Assert.Equal((TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(8), 9), (options.Drain, options.WaitForStore, options.Concurrency));
    }

    [Fact]
    public void Normalize_WhenSectionHasFlagsAndChildren_LetsTheBinderReadIt()
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Krewe:Queues"] = "mail=2", ["Krewe:Queues:mail:Weight"] = "3", ["Krewe:Queues:mail:Defaults:TimeLimit"] = "5s", ["Krewe:Jobs"] = "a.dll",
            ["Krewe:Jobs:email.send:SoftTimeLimit"] = "1h30m", ["Krewe:Drain"] = "30s", ["Krewe:CancelGrace"] = "00:00:03", ["Krewe:Urls"] = "http://127.0.0.1:1",
        });
        configuration.AddInMemoryCollection(DurationSettings.Normalize(configuration));

        var options = configuration.GetSection(KreweOptions.Section).Get<KreweOptions>()!;

        Assert.Equal((3, TimeSpan.FromSeconds(5)), (options.Queues["mail"].Weight, options.Queues["mail"].Defaults.TimeLimit));
        Assert.Equal((TimeSpan.FromMinutes(90), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(3)), (options.Jobs["email.send"].SoftTimeLimit, options.Drain, options.CancelGrace));
    }

    [Fact]
    public void Normalize_WhenDurationIsBad_NamesTheKey()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Krewe:Defaults:TimeLimit", "30")]).Build();

        var exception = Assert.Throws<SiloStartException>(() => DurationSettings.Normalize(configuration));

        Assert.Equal(("Krewe:Defaults:TimeLimit must be a duration such as 30s, 5m or 00:00:30, got '30'.", 2), (exception.Message, exception.ExitCode));
    }

    private static CommandLine Read(IReadOnlyList<string> args) => SiloCommand.Read(args, TextWriter.Null, TextWriter.Null);

    private static IConfigurationRoot Flags(params string[] pairs) =>
        new ConfigurationBuilder().AddInMemoryCollection(Read([.. pairs.Chunk(2).SelectMany(pair => Args(pair[0], pair[1]))]).Settings).Build();

    // A switch stands alone, and handler assemblies are given one by one.
    private static string[] Args(string flag, string text) => flag switch
    {
        "--demo" or "--allow-anonymous" => [flag],
        "--jobs" => [.. text.Split(';').SelectMany(path => new[] { flag, path })],
        _ => [flag, text],
    };

    private static string Shown(IConfiguration configuration, string key)
    {
        var flags = SiloFlags.Read(configuration);
        return key switch
        {
            "Jobs" => string.Join('|', flags.Jobs),
            "Urls" => string.Join('|', flags.Urls),
            "Queues" => string.Join('|', flags.Queues.Select(queue => $"{queue.Key}:{queue.Value}")),
            _ => $"{typeof(SiloFlags).GetProperty(key)!.GetValue(flags)}",
        };
    }
}
