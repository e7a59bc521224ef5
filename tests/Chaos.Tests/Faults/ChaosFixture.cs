using Krewe.Chaos.Check;
using Krewe.Chaos.Faults;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Chaos.Tests.Faults;

/// <summary>A cluster under load for the tests of one class: three silos as processes, on a Redis that writes at every step.</summary>
public class ChaosFixture : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("krewe-chaos-");
    private ChaosRun? _run;

    internal virtual ChaosSettings Settings => new() { LongestJob = TimeSpan.FromSeconds(6), Drain = TimeSpan.FromSeconds(2), PerSecond = 40, Seed = 3 };

    private static bool CanRun => !RedisServer.IsMissing && !RedisServer.IsExternal;

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        if (CanRun)
        {
            _run = await ChaosRun.StartAsync(Settings, _folder.FullName, TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>Lets faults happen one after the other and draws the verdict on the jobs that were acknowledged meanwhile.</summary>
    internal async Task<Verdict> JudgeAsync(IEnumerable<PlannedFault> plan)
    {
        Assert.SkipWhen(RedisServer.IsMissing, RedisServer.MissingReason);
        Assert.SkipWhen(RedisServer.IsExternal, RedisServer.ExternalReason);
        foreach (var planned in plan)
        {
            await _run!.InjectAsync(planned, TestContext.Current.CancellationToken);
        }

        var verdict = await _run!.JudgeAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine(ChaosTable.Of(TestContext.Current.TestMethod!.MethodName, Settings with { Plan = [.. plan] }, verdict, _run.Refused));
        Assert.True(verdict.Holds, string.Join('\n', Findings.Of(verdict)));
        return verdict;
    }

    /// <summary>Lets one fault happen. Whatever it is: nothing is lost or run twice, no job fails, no attempt is spent, every wait is answered.</summary>
    internal async Task<Verdict> JudgeAsync(string fault)
    {
        var verdict = await JudgeAsync(FaultPlan.Of(Settings.Seed, Settings.Silos, [fault]));
        Assert.True(verdict.Acknowledged > 0);
        Assert.Equal(verdict.Acknowledged, verdict.Finished);
        Assert.Empty(verdict.Failed);
        Assert.Empty(verdict.SpentAttempts);
        Assert.Empty(verdict.Unanswered);
        return verdict;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_run is not null)
        {
            await _run.DisposeAsync();
        }

        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }
}
