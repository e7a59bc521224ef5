using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Krewe.Testing.Cluster;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

/// <summary>Clients that die in the middle of a bulk: every job is there whole or not at all, and the same ids sent again do no harm.</summary>
public sealed class DeadClientTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("krewe-client-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Ledger => Path.Combine(_folder, "ledger");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Bulk_WhenItsClientIsKilled_LeavesJobsThatAreWholeAndRunOnce()
    {
        const int Count = 100_000;
        var gateway = FreePorts.Next();
        var (process, http) = await ServeAsync(gateway);
        await using var silo = process;
        using var client = http;

        await KillInTheMiddleAsync(gateway, Count, "bulk");
        var last = await http.EnqueueAsync("hostile.noted", new { ledger = Ledger }); // Behind what the client had sent.
        await http.ValueAsync(last);

        await http.DrainedAsync();
        var stored = await SucceededAsync(http);
        Assert.InRange(stored.Count, 1, Count - 1);
        AssertRanOnce(stored);
    }

    [Fact]
    public async Task Ids_WhenTheirClientIsKilledAndTheyAreSentAgain_AreStoredAndRunOnce()
    {
        const int Count = 10_000;
        var gateway = FreePorts.Next();
        var (process, http) = await ServeAsync(gateway);
        await using var silo = process;
        using var client = http;

        await KillInTheMiddleAsync(gateway, Count, "ids");
        var answers = await SendAgainAsync(http, Count);

        Assert.InRange(answers.Count(answer => answer.GetProperty("existing").GetBoolean()), 1, Count - 1);
        await http.DrainedAsync();
        var stored = await SucceededAsync(http);
        Assert.Equal(Count, stored.Count);
        AssertRanOnce(stored);
    }

    [Fact]
    public async Task Bulk_WhenItsCallerDiesBeforeTheBodyIsWhole_StoresNothing()
    {
        var (process, http) = await ServeAsync(FreePorts.Next());
        await using var silo = process;
        using var client = http;

        await PostAndDieAsync(http.BaseAddress!, Bulk(1_000), isWhole: false);

        await http.EnqueueAsync("test.echo", new { text = "after it" });
        await http.DrainedAsync();
        Assert.Single(await SucceededAsync(http));
    }

    [Fact]
    public async Task Bulk_WhenItsCallerDiesBeforeTheAnswer_IsStoredOnceHoweverOftenItIsSent()
    {
        const int Count = 5_000;
        var (process, http) = await ServeAsync(FreePorts.Next());
        await using var silo = process;
        using var client = http;

        for (var call = 0; call < 3; call++)
        {
            await PostAndDieAsync(http.BaseAddress!, Bulk(Count), isWhole: true);
        }

        Assert.Equal(Count, (await SendAgainAsync(http, Count)).Count);
        await http.DrainedAsync();
        var stored = await SucceededAsync(http);
        Assert.Equal(Count, stored.Count);
        AssertRanOnce(stored);
    }

    private Task<(SiloProcess Process, HttpClient Http)> ServeAsync(int gateway) =>
        SiloProcess.ServeAsync("--gateway-port", gateway.ToString(CultureInfo.InvariantCulture), "--data", Path.Combine(_folder, "krewe.db"));

    /// <summary>Starts a client that enqueues, and kills it once its first jobs run.</summary>
    private async Task KillInTheMiddleAsync(int gateway, int count, string kind)
    {
        using var client = Process.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "Krewe.BulkClient.dll"), $"127.0.0.1:{gateway}", Ledger, count.ToString(CultureInfo.InvariantCulture), kind]);
        using var began = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (RunLedger.Read(Ledger).Count == 0)
        {
            Assert.False(client.HasExited, "The client ended before its first job ran.");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, began.Token);
        }

        client.Kill();
        await client.WaitForExitAsync(Cancellation);
        Assert.Equal(137, client.ExitCode); // It had not come to its end.
    }

    private string Bulk(int count) => JsonSerializer.Serialize(Enumerable.Range(0, count)
        .Select(number => new { job = "hostile.noted", args = new { ledger = Ledger, number }, options = new { id = string.Create(CultureInfo.InvariantCulture, $"n-{number}") } }));

    private async Task<IReadOnlyList<JsonElement>> SendAgainAsync(HttpClient http, int count)
    {
        using var added = await http.PostAsync("/api/jobs/bulk", new StringContent(Bulk(count), Encoding.UTF8, "application/json"), Cancellation);
        return [.. (await added.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).EnumerateArray()];
    }

    /// <summary>What is left of a call when its process is killed: its connection is reset, with or without the whole body behind it.</summary>
    private static async Task PostAndDieAsync(Uri silo, string body, bool isWhole)
    {
        using var caller = new TcpClient();
        await caller.ConnectAsync(silo.Host, silo.Port, Cancellation);
        var bytes = Encoding.UTF8.GetBytes(body);
        var head = $"POST /api/jobs/bulk HTTP/1.1\r\nHost: {silo.Authority}\r\nContent-Type: application/json\r\nContent-Length: {bytes.Length}\r\n\r\n";
        await caller.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Cancellation);
        await caller.GetStream().WriteAsync(isWhole ? bytes : bytes.AsMemory(0, bytes.Length / 2), Cancellation);
        caller.LingerState = new LingerOption(enable: isWhole, 0);
    }

    private static async Task<IReadOnlyList<string>> SucceededAsync(HttpClient http)
    {
        var ids = new List<string>();
        for (var (after, isMore) = ("", true); isMore;)
        {
            var page = await http.GetFromJsonAsync<JsonElement>($"/api/jobs?state=Succeeded&limit=500&after={Uri.EscapeDataString(after)}", Cancellation);
            ids.AddRange(page.GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("id").GetString()!));
            after = page.GetProperty("next").GetString() ?? "";
            isMore = after.Length > 0;
        }

        return ids;
    }

    private void AssertRanOnce(IReadOnlyList<string> stored)
    {
        var notes = RunLedger.Read(Ledger);
        Assert.Equal(stored.Order(StringComparer.Ordinal), notes.Where(note => note.IsStart).Select(note => note.JobId).Order(StringComparer.Ordinal));
        Assert.Equal(stored.Order(StringComparer.Ordinal), notes.Where(note => !note.IsStart).Select(note => note.JobId).Order(StringComparer.Ordinal));
    }
}
