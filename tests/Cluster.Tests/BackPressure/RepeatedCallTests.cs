using Krewe.Cluster.Tests.Fixtures;
using Krewe.Cluster.Tests.Jobs;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;
using Krewe.Storage.Sqlite;
using Krewe.Testing.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Cluster.Tests.BackPressure;

/// <summary>A call that is asked again while the first one is under way.</summary>
public sealed class RepeatedCallTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Add_WhenItIsRepeatedBeforeItIsStoredAndNoMoreWouldFit_IsNotRefused()
    {
        var commits = new Hold();
        await using var silo = await KreweHost.StartAsync(new KreweSetup
        {
            Krewe = krewe => krewe.AddJob<EchoTextHandler>(),
            Options = options => options.Queues["narrow"] = new QueueOptions { Partitions = 1, MaxQueueLength = 2 },
            Services = services => services.AddSingleton<IJobStore>(provider => new HeldStore(ActivatorUtilities.CreateInstance<SqliteJobStore>(provider)) { Commits = commits }),
        });
        await silo.Jobs.EnqueueAsync(new EchoText("waits"), new EnqueueOptions { Queue = "narrow", Delay = TimeSpan.FromHours(1) }, Cancellation);
        var owner = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IQueueGrain>("narrow~0");
        NewJob[] jobs = [new() { Id = "mine", Name = "sample.echo", Args = "{}"u8.ToArray(), Fingerprint = 1, Delay = TimeSpan.FromHours(1) }];

        var held = commits.Begin();
        var first = owner.AddAsync(jobs);
        await held;
        var second = owner.AddAsync(jobs);
        Assert.Null(await owner.GetInfoAsync("nobody")); // Came after it, so it is under way.
        await Task.WhenAny(second, Task.Delay(Testing.Some.Moment, TimeProvider.System, Cancellation));
        commits.GoOn();

        Assert.Equal([AddResult.Added, AddResult.Existing], [Assert.Single(await first).Result, Assert.Single(await second).Result]);
    }
}
