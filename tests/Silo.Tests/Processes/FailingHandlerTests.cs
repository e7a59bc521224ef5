using System.Globalization;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

/// <summary>Handlers that fail again and again, with exceptions within exceptions.</summary>
public sealed class FailingHandlerTests(ITestOutputHelper output)
{
    private const int Jobs = 5_000;
    private const int Depth = 20;

    /// <summary>The runtime's look-up cache has an entry of some hundred bytes for each job, up to its bound; a failure that was kept would have many thousand.</summary>
    private const long Tolerance = 8 * 1024 * 1024;

    [Fact]
    public async Task Heap_WhenThousandsOfHandlersFail_DoesNotGrow()
    {
        var (process, http) = await SiloProcess.ServeAsync();
        await using var silo = process;
        using var client = http;

        await FailAsync(http);
        var before = await HeapAsync(http);
        await FailAsync(http);
        await FailAsync(http);
        var after = await HeapAsync(http);

        output.WriteLine($"{before:N0} bytes after {Jobs:N0} failed jobs, {after:N0} after {3 * Jobs:N0}");
        Assert.InRange(after, 0, before + Tolerance);
    }

    private static async Task FailAsync(HttpClient http)
    {
        var ids = await http.EnqueueManyAsync(Enumerable.Repeat(new { job = "hostile.nested", args = new { depth = Depth } }, Jobs));
        await http.DrainedAsync();
        Assert.Equal("Failed", (await http.EndAsync(ids[^1])).State);
    }

    private static async Task<long> HeapAsync(HttpClient http) => long.Parse((await http.ValueAsync(await http.EnqueueAsync("hostile.heap", new { })))!, CultureInfo.InvariantCulture);
}
