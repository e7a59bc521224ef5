using Krewe.Cluster.Tests.Fixtures;
using Krewe.Cluster.Tests.Jobs;
using Krewe.Dispatch;
using Krewe.Storage;
using Krewe.Storage.Sqlite;
using Krewe.Testing;
using Krewe.Testing.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Cluster.Tests.Claims;

/// <summary>A call that comes while a partition is being opened finds it as it will be, or waits.</summary>
public sealed class OpeningTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Enqueue_WhileThePartitionIsBeingOpened_IsNotForgottenWhenItsInstantComes()
    {
        var listing = new Hold();
        await using var silo = await KreweHost.StartAsync(new KreweSetup
        {
            Krewe = krewe => krewe.AddJob<EchoTextHandler>(),
            Options = options => options.ConsumedQueues = new Dictionary<string, int> { ["low"] = 1 }, // So nobody opens the other one before the test does.
            Services = services => services.AddSingleton<IJobStore>(provider => new HeldStore(ActivatorUtilities.CreateInstance<SqliteJobStore>(provider)) { Listing = listing }),
        });
        await silo.Jobs.EnqueueAsync(new EchoText("learns the queues"), new EnqueueOptions { Queue = "low" }, Cancellation);

        var asked = listing.Begin();
        var opens = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IDispatchGrain>("default~0").PingAsync();
        await asked;
        var enqueue = silo.Jobs.EnqueueAsync(new EchoText("comes beside"), new EnqueueOptions { Delay = Some.Moment }, Cancellation);
        await Task.WhenAny(enqueue, Task.Delay(Some.Moment, TimeProvider.System, Cancellation));
        listing.GoOn();
        await opens;

        await silo.Setup.Events.Until("job.promoted", (await enqueue).Id);
    }
}
