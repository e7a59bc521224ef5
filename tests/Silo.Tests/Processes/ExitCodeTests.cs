using System.Net;
using System.Net.Sockets;
using Krewe.Testing.Processes;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

public sealed class ExitCodeTests
{
    [Theory]
    [InlineData(2, "There is no flag '--foo'; --help lists them all.", "--foo")]
    [InlineData(2, "Expected --data or --redis, got both (--data a.db); a silo keeps its jobs in a file or in Redis.", "--data", "a.db", "--redis", "b")]
    [InlineData(2, "--drain (Krewe:Drain) must be a duration of 0s..1h such as 30s, 5m or 00:00:30, got 'soon'.", "--drain", "soon")]
    [InlineData(2, "The Redis connection string cannot be read (*); write such as host:6379,password=secret,ssl=true.", "--urls", "http://127.0.0.1:0", "--redis", "redis=,")]
    [InlineData(1, "There is no handler assembly *no.dll; build it, or give another file with --jobs.", "--urls", "http://127.0.0.1:0", "--jobs", "no.dll")]
    [InlineData(1, "--api-key-file no.key cannot be read: *", "--urls", "http://127.0.0.1:0", "--api-key-file", "no.key")]
    [InlineData(1, "http://0.0.0.0:0 is open to other machines and nothing protects it; give --api-key-file FILE, *", "--urls", "http://0.0.0.0:0")]
    [InlineData(1, "HTTP cannot be served at http://localhost:0: Dynamic port binding is not supported * Give another address with --urls.", "--urls", "http://localhost:0")]
    [InlineData(3, "*", "--urls", "http://127.0.0.1:0", "--redis", "127.0.0.1:1", "--wait-for-store", "1s")]
    [InlineData(1, "*no/such.db*", "--urls", "http://127.0.0.1:0", "--data", "no/such.db")]
    public async Task Program_WhenItCannotStart_SaysOneSentence(int exitCode, string sentence, params string[] args)
    {
        var (code, error, output) = await SiloProcess.RunAsync(args);

        Assert.Equal(exitCode, code);
        Assert.NotEmpty(error);
        Assert.Single(error.Split('\n'));
        Assert.All(sentence.Split('*'), part => Assert.Contains(part, error, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", error + output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Krewe":{"Defaults":{"MaxRetries":-2,"Priority":11}}}""", "Krewe:Defaults:MaxRetries must be 0..1000, got -2; use 0 to never retry.")]
    [InlineData("""{"Krewe":{"Defaults":{"MaxRetries":"x"}}}""", "Krewe:Defaults:MaxRetries must be a whole number, got 'x'.")]
    [InlineData("""{"Krewe":{"Jobs":{"a.b":{"Backoff":"cubic"}}}}""", "Krewe:Jobs:a.b:Backoff must be one of Exponential, Fixed, Linear, List, got 'cubic'.")]
    [InlineData("{bad", "appsettings.json")]
    public async Task Program_WhenASettingDoesNotRead_SaysWhichAndEndsWith2(string settings, string sentence)
    {
        var (code, error, output) = await SiloProcess.RunWithSettingsAsync(settings, "--urls", "http://127.0.0.1:0");

        Assert.Equal(2, code);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error + output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Program_WhenHttpPortIsInUse_NamesPortAndFlag()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var (code, error, output) = await SiloProcess.RunAsync("--urls", $"http://127.0.0.1:{port}");

        Assert.Equal((1, $"Port {port} is in use, so http://127.0.0.1:{port} cannot be served; stop the process that has it, or give another with --urls."), (code, error));
        Assert.Empty(output);
    }

    [Fact]
    public async Task Program_WhenItIsStoppedBeforeItServes_EndsWell()
    {
        using var redis = new TcpListener(IPAddress.Loopback, 0); // It takes connections and says nothing.
        redis.Start();
        await using var process = SiloProcess.Start("--urls", "http://127.0.0.1:0", "--redis", $"{redis.LocalEndpoint}", "--wait-for-store", "10m");
        using var connection = await redis.AcceptTcpClientAsync(TestContext.Current.CancellationToken);

        process.Send(Signal.Terminate);

        Assert.Equal((0, ""), (await process.ExitAsync(), process.Error));
    }

    [Fact]
    public async Task Program_WhenHelpIsAsked_EndsWell()
    {
        var (code, error, output) = await SiloProcess.RunAsync("--help");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("--wait-for-store", output, StringComparison.Ordinal);
    }
}
