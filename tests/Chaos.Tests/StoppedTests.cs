using System.Collections.Concurrent;
using System.Diagnostics;
using Krewe.Testing.Processes;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Chaos.Tests;

public sealed class StoppedTests
{
    private const int Stopped = 3;

    /// <summary>More than Redis and three silos take to start on a loaded machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Driver_WhenItIsStoppedInTheMiddle_PrintsTheTableOfWhatHasBeen()
    {
        Assert.SkipWhen(RedisServer.IsMissing, RedisServer.MissingReason);
        Assert.SkipWhen(RedisServer.IsExternal, RedisServer.ExternalReason);
        var (table, begun) = (new ConcurrentQueue<string>(), new TaskCompletionSource());
        await using var driver = ChildProcess.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Krewe.Chaos.dll"), "--fault", "stop-redis", "--rate", "10"]));
        driver.Read(table.Enqueue, line =>
        {
            if (line.Contains("1/1 stop-redis", StringComparison.Ordinal))
            {
                begun.TrySetResult();
            }
        });

        await begun.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        driver.Send(Signal.Terminate);

        Assert.Equal(Stopped, await driver.Exited.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Contains("| stopped before its end, after so many faults | 0 |", table);
        Assert.Contains("| lost | 0 |", table);
    }
}
