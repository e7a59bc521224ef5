using Krewe.Dispatch;
using Krewe.Testing;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Cluster.Tests.Membership;

/// <summary>A silo that learns that the others declared it dead has a moment left: it ends what it runs and begins nothing.</summary>
public sealed class DeclaredDeadTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Abandon_WhenHandlersRun_FiresTheirTokensAndTakesNothingMore()
    {
        await using var silo = await KreweHost.StartAsync();
        var (started, told) = (new Gate(), new TaskCompletionSource<CancellationReason>());
        started.Open();
        var running = await silo.Jobs.EnqueueAsync(
            silo.Setup.Scripts.Add(async (context, token) =>
            {
                await started.PassAsync(token);
                await using var fired = token.Register(() => told.TrySetResult(context.CancellationReason));
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
                return "never";
            }),
            cancellationToken: Cancellation);
        await started.ArrivedAsync();

        silo.Services.GetRequiredService<Worker>().Abandon();

        Assert.Equal(CancellationReason.ClaimLost, await told.Task.WaitAsync(Some.Timeout, TimeProvider.System, Cancellation));
        await silo.Setup.Logs.Until("The others declared this silo dead: its 1 claims are theirs by now");
        var waiting = await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "not here"), cancellationToken: Cancellation);
        var promoted = await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "nor this"), new EnqueueOptions { Delay = Some.Moment }, Cancellation);
        await silo.Setup.Events.Until("job.promoted", promoted.Id); // By now a worker that takes jobs would have had the other for long.
        Assert.DoesNotContain("job.started", silo.Setup.Events.KindsOf(waiting.Id));
        Assert.Empty((await running.InfoAsync()).Errors);
    }
}
