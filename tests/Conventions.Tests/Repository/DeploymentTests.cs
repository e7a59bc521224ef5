using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Krewe.Conventions.Tests.Repository;

/// <summary>What a deployment must not lose: docker-compose.yml, the silo's image and the test command, checked without Docker.</summary>
public sealed partial class DeploymentTests
{
    private const int GraceSeconds = 5;
    private static readonly string[] Silos = ["silo-1", "silo-2", "silo-3"];
    private static readonly IReadOnlyList<string> Compose = SourceTree.ReadLines("docker-compose.yml");

    public static TheoryData<string> SiloNames => [.. Silos];

    [Fact]
    public void Compose_HasThreeSilosAndRedis()
    {
        var services = Block(Compose, "services:").Where(line => Indent(line) == 2).Select(line => line.Trim().TrimEnd(':'));

        Assert.Equal(["redis", .. Silos], services);
    }

    [Fact]
    public void Compose_HasNoTabsAndOnlyEvenIndents()
    {
        var findings = Compose.Where(line => line.Contains('\t', StringComparison.Ordinal) || Indent(line) % 2 != 0 || line.EndsWith(' '));

        Findings.ShouldBeNone(findings, "docker-compose.yml is indented by two spaces.");
    }

    [Fact]
    public void Redis_KeepsWhatItAcknowledged()
    {
        var redis = Service("redis");
        var command = string.Join(' ', Block(redis, "command:").Select(line => line.Trim()[2..].Trim('"')));

        Assert.Contains("--appendonly yes", command, StringComparison.Ordinal);
        Assert.Contains("--appendfsync everysec", command, StringComparison.Ordinal);
        Assert.Contains("--maxmemory-policy noeviction", command, StringComparison.Ordinal);
        Assert.Equal(["- redis-data:/data"], Block(redis, "volumes:").Select(line => line.Trim()));
        Assert.Contains("  redis-data:", Block(Compose, "volumes:"));
        Assert.NotEmpty(Block(redis, "healthcheck:"));
    }

    [Theory]
    [MemberData(nameof(SiloNames))]
    public void Silo_IsToldWhereItIsAndWhoMayCall(string silo)
    {
        var service = Service(silo);
        var command = Assert.Single(service, line => line.Trim().StartsWith("command:", StringComparison.Ordinal));
        var address = Assert.Single(service, line => line.Trim().StartsWith("ipv4_address:", StringComparison.Ordinal)).Split(':')[1].Trim();

        Assert.Contains("<<: *silo", string.Join('\n', service), StringComparison.Ordinal);
        Assert.Contains("--redis, \"redis:6379\"", command, StringComparison.Ordinal);
        Assert.Contains($"--silo-address, {address},", command, StringComparison.Ordinal);
        Assert.Contains("--api-key-file, /run/secrets/api-key", command, StringComparison.Ordinal);
    }

    [Fact]
    public void Silos_HaveAddressesAndPortsOfTheirOwn()
    {
        var addresses = Compose.Where(line => line.Contains("ipv4_address:", StringComparison.Ordinal)).ToList();

        Assert.Equal(addresses.Distinct(), addresses);
        Assert.Equal(Ports().Distinct(), Ports());
    }

    [Fact]
    public void Ports_AreOnTheHostsLoopbackOnly()
    {
        Assert.Equal(Silos.Length + 1, Ports().Count);
        Findings.ShouldBeNone(Ports().Where(line => !line.Contains("- 127.0.0.1:", StringComparison.Ordinal)), "A published port names the host's loopback address.");
    }

    [Fact]
    public void Silos_WaitForRedisAndAreAskedWhetherTheyAreReady()
    {
        var silo = string.Join('\n', Block(Compose, "x-silo: &silo"));

        Assert.Contains("redis:\n      condition: service_healthy", silo, StringComparison.Ordinal);
        Assert.Contains("GET /health/ready", silo, StringComparison.Ordinal);
        Assert.Contains("dockerfile: src/Silo/Dockerfile", silo, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(SiloNames))]
    public void Silo_WhenStopped_HasTimeToDrain(string silo)
    {
        var drain = Seconds(DrainPattern().Match(string.Join('\n', Service(silo))));
        var stop = Seconds(StopPattern().Match(string.Join('\n', Block(Compose, "x-silo: &silo"))));

        Assert.True(stop > drain + GraceSeconds, $"stop_grace_period must be more than the drain of {drain} s and {GraceSeconds} s of grace, got {stop} s; raise it.");
    }

    [Fact]
    public void Image_RunsTheSiloWithoutRoot()
    {
        var lines = SourceTree.ReadLines("src/Silo/Dockerfile");

        Assert.Equal(["FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build", "FROM mcr.microsoft.com/dotnet/aspnet:10.0"], lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)));
        Assert.Equal("USER $APP_UID", Assert.Single(lines, line => line.StartsWith("USER ", StringComparison.Ordinal)));
        Assert.Equal("ENTRYPOINT [\"dotnet\", \"/app/Krewe.Silo.dll\"]", lines[^1]);
    }

    [Fact]
    public void Image_RestoresEveryProjectOfTheSilo()
    {
        var lines = SourceTree.ReadLines("src/Silo/Dockerfile");
        var findings = Closure("src/Silo/Krewe.Silo.csproj").Select(path => path[..path.LastIndexOf('/')]).Where(folder => !lines.Contains($"COPY {folder}/*.csproj {folder}/"));

        Findings.ShouldBeNone(findings, "The Dockerfile copies the project file of every project that the silo needs before it restores.");
    }

    [Theory]
    [InlineData(".ci/test")]
    [InlineData(".ci/run")]
    public void Commands_CanBeRun(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.True(File.GetUnixFileMode(Path.Combine(SourceTree.Root, path)).HasFlag(UnixFileMode.UserExecute), $"{path} must be executable; chmod +x it.");
        }
    }

    private static List<string> Service(string name) => Block(Block(Compose, "services:"), $"{name}:");

    private static List<string> Ports() => [.. Silos.Append("redis").SelectMany(name => Block(Service(name), "ports:"))];

    /// <summary>The lines below a heading of the outermost level, without comments and empty lines.</summary>
    private static List<string> Block(IEnumerable<string> lines, string heading)
    {
        var written = lines.Where(line => line.Trim().Length > 0 && !line.TrimStart().StartsWith('#')).ToList();
        var level = written.Min(Indent);
        var at = written.FindIndex(line => Indent(line) == level && line.Trim() == heading);
        return at < 0 ? [] : [.. written.Skip(at + 1).TakeWhile(line => Indent(line) > level)];
    }

    private static int Indent(string line) => line.Length - line.TrimStart(' ').Length;

    private static int Seconds(Match match)
    {
        Assert.True(match.Success, "Expected a time in seconds, such as 30s, found none.");
        return int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
    }

    private static IEnumerable<string> Closure(string project)
    {
        var folder = Path.Combine(SourceTree.Root, Path.GetDirectoryName(project)!);
        var references = XDocument.Parse(SourceTree.Read(project)).Descendants("ProjectReference")
            .Select(reference => Path.GetFullPath(Path.Combine(folder, (string)reference.Attribute("Include")!)))
            .Select(path => Path.GetRelativePath(SourceTree.Root, path).Replace('\\', '/'));
        return references.SelectMany(Closure).Append(project).Distinct();
    }

    [GeneratedRegex(@"--drain, (\d+)s")]
    private static partial Regex DrainPattern();

    [GeneratedRegex(@"stop_grace_period: (\d+)s")]
    private static partial Regex StopPattern();
}
