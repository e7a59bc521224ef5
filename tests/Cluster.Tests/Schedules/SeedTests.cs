using Krewe.Cluster.Tests.Flows;
using Krewe.Testing.Cluster;
using Xunit;

namespace Krewe.Cluster.Tests.Schedules;

/// <summary>Schedules that code and configuration declare, over restarts of a silo on the same file.</summary>
public sealed class SeedTests : IDisposable
{
    private static readonly Recurrence Nightly = Recurrence.Cron("0 2 * * *");

    private readonly string _folder = Directory.CreateTempSubdirectory("krewe-seeds-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Seeds_WhenCodeAndOperatorDiffer_TheOperatorsChangeStaysUntilItIsReset()
    {
        await using (var silo = await StartAsync(krewe => krewe.AddSchedule("nightly", Nightly, new Add(1))))
        {
            var made = await AppearsAsync(silo, "nightly");
            Assert.Equal((ScheduleSource.Code, false, "At 02:00, UTC"), (made.Source, made.IsOverridden, made.Text));
            await silo.Jobs.Schedules.PauseAsync("nightly", Cancellation);
        }

        await using (var silo = await StartAsync(krewe => krewe.AddSchedule("nightly", Recurrence.Cron("0 3 * * *"), new Add(1))))
        {
            await silo.Setup.Logs.Until("an operator's change");
            var kept = (await silo.Jobs.Schedules.GetAsync("nightly", Cancellation))!;
            Assert.Equal((ScheduleState.Paused, true, "At 02:00, UTC"), (kept.State, kept.IsOverridden, kept.Text));

            var reset = await silo.Jobs.Schedules.ResetAsync("nightly", Cancellation);
            Assert.Equal((ScheduleState.Active, false, "At 03:00, UTC"), (reset.State, reset.IsOverridden, reset.Text));
        }
    }

    [Fact]
    public async Task Seeds_WhenTheyAreOfConfiguration_AreMadeWithTheirArgsAndOptions()
    {
        await using var silo = await StartAsync(_ => { }, options => options.Schedules["sums"] = new ScheduleSettings
        {
            Every = TimeSpan.FromHours(1), Aligned = true, Job = "flow.add", Args = "{\"number\":5}", Overlap = OverlapPolicy.Skip, Options = { Priority = 3 }, Headers = new() { ["a"] = "b" }, Description = "adds",
        });

        var made = await AppearsAsync(silo, "sums");

        Assert.Equal(("Every hour, at the multiples since 1970, UTC", "{\"number\":5}", 3, "b"), (made.Text, made.Args!.Value.GetRawText(), made.Options.Enqueue!.Priority, made.Options.Enqueue.Headers!["a"]));
        Assert.Equal((ScheduleSource.Configuration, OverlapPolicy.Skip, "adds"), (made.Source, made.Options.Overlap, made.Options.Description));
    }

    [Fact]
    public async Task Seeds_WhenTheyCannotBe_AllAreNamedAtTheStart()
    {
        var exception = await Assert.ThrowsAsync<KreweOptionsException>(() => StartAsync(
            krewe => krewe.AddSchedule("a b", Nightly, new Add(1)).AddSchedule("bad", Recurrence.Cron("x"), new Add(1)).AddSchedule("twice", Nightly, new Add(1)).AddSchedule("keyed", Nightly, new Add(1).With(new EnqueueOptions { UniqueKey = "k" })),
            options => (options.Schedules["twice"], options.Schedules["none"]) = (new() { Cron = "0 2 * * *", Job = "flow.add" }, new() { Job = "flow.add" })));

        Assert.All(["'a b'", "'bad'", "'keyed': Enqueue.UniqueKey must be left out", "'twice' must be declared once", "'none': A schedule must have one of cron"], said => Assert.Contains(said, exception.Message, StringComparison.Ordinal));
    }

    private Task<KreweHost> StartAsync(Action<KreweBuilder> krewe, Action<KreweOptions>? options = null) => KreweHost.StartAsync(new KreweSetup
    {
        DataFile = Path.Combine(_folder, "krewe.db"),
        Krewe = builder => krewe(builder.AddJob<AddHandler>()),
        Options = options,
    });

    private static async Task<ScheduleInfo> AppearsAsync(KreweHost silo, string id)
    {
        while (true)
        {
            if (await silo.Jobs.Schedules.GetAsync(id, Cancellation) is { } schedule)
            {
                return schedule;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }
    }
}
