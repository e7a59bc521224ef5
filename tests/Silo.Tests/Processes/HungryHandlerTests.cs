using System.Globalization;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

/// <summary>A handler that eats 2 GiB.</summary>
public sealed class HungryHandlerTests
{
    private const int Mebibytes = 2048;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silo_WhenAHandlerEatsTwoGibibytes_StaysUpAnswersAndRunsOthers()
    {
        var (process, http) = await SiloProcess.ServeAsync();
        await using var silo = process;
        using var client = http;
        var full = Path.Combine(silo.Folder, "digested");
        var eat = await http.EnqueueAsync("hostile.eat", new { mebibytes = Mebibytes, until = full });

        for (var resident = 0L; resident < Mebibytes;)
        {
            Assert.NotEqual("Failed", (await http.EndAsync(eat, "200ms")).State);
            resident = await ResidentMebibytesAsync(silo.Id);
        }

        Assert.Equal("echo beside it", await http.ValueAsync(await http.EnqueueAsync("test.echo", new { text = "beside it" })));
        await http.ReadyAsync();
        await File.WriteAllTextAsync(full, "", Cancellation);
        Assert.Equal($"{Mebibytes * 1024L * 1024L}", await http.ValueAsync(eat));
        await http.ReadyAsync();
    }

    [Fact]
    public async Task Silo_WhenThereIsLessMemoryThanAHandlerEats_FailsTheJobAndRunsOthers()
    {
        var limit = (512 * 1024 * 1024).ToString("x", CultureInfo.InvariantCulture);
        var (process, http) = await SiloProcess.ServeAsync(new SiloSurroundings { Environment = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = limit } });
        await using var silo = process;
        using var client = http;

        var (state, answer) = await http.EndAsync(await http.EnqueueAsync("hostile.eat", new { mebibytes = Mebibytes, until = "never" }));

        Assert.Equal(("Failed", "System.OutOfMemoryException"), (state, answer.GetProperty("error").GetProperty("type").GetString()));
        Assert.Equal("echo after it", await http.ValueAsync(await http.EnqueueAsync("test.echo", new { text = "after it" })));
        await http.ReadyAsync();
    }

    private static async Task<long> ResidentMebibytesAsync(int process)
    {
        var status = await File.ReadAllLinesAsync($"/proc/{process}/status", Cancellation);
        var resident = status.Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }
}
