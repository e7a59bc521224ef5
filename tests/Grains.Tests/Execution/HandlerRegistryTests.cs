using Krewe.Definitions;
using Krewe.Execution;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Grains.Tests.Execution;

public sealed class HandlerRegistryTests
{
    private const string Here = "Krewe.Grains.Tests.Execution.WrongHandlers.";

    [Fact]
    public void Registry_WhenManyThingsAreWrong_NamesThemAllInOneException()
    {
        var refused = Refused(setup =>
        {
            setup.AddJob<WrongHandlers.NeedsMailer>();
            setup.AddJob<WrongHandlers.First>();
            setup.AddJob<WrongHandlers.Second>();
            setup.AddJob<WrongHandlers.SameNameHandler>();
            setup.AddJob<WrongHandlers.SoftOverHardHandler>();
            setup.AddJob<WrongHandlers.BadNameHandler>();
            setup.AddJob<WrongHandlers.StructHandler>();
            setup.AddJob<WrongHandlers.TwoResultsHandler>();
            setup.AddJob<WrongHandlers.ForgotResult>();
            setup.AddJob<WrongHandlers.OtherResult>();
            setup.AddJob(typeof(WrongHandlers.Open<>));
            setup.AddJob<WrongHandlers.AbstractHandler>();
            setup.AddJob<WrongHandlers.NoHandler>();
            setup.AddJob<WrongHandlers.NoAttributeHandler>();
            setup.AddJob<WrongHandlers.TwoConstructors>();
            setup.AddJob<WrongHandlers.NoConstructor>();
            setup.AddJob<WrongHandlers.UnreadableHandler>();
            setup.AddJob<WrongHandlers.LostQueueHandler>(options => (options.SoftTimeLimit, options.TimeLimit, options.Queue) = (TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(3), "moon"));
            setup.Options.Jobs["test.wrong.first"] = new JobOptions { Queue = "mars", SoftTimeLimit = TimeSpan.FromSeconds(9), TimeLimit = TimeSpan.FromSeconds(3) };
            setup.Options.Routes.Add(new RouteOptions { Pattern = "test.*", Queue = "venus" });
        });

        string[] expected =
        [
            $"The handler {Here}NeedsMailer needs a {Here}IMailer<System.String> (parameter 'mailer'), which is not registered; add it to the services of the silo.",
            $"The job 'test.wrong.first' must have one handler, got {Here}First and {Here}Second; remove one of them.",
            $"The job name 'test.wrong.first' must belong to one type, got {Here}FirstJob and {Here}SameName; give one of them another name in [Job] or its Aliases.",
            "[Job] on Krewe.Grains.Tests.Execution.WrongHandlers+SoftOverHard: SoftTimeLimit must be at most TimeLimit, got 00:00:05 over 00:00:02; lower it, or raise TimeLimit.",
            "[Job] on Krewe.Grains.Tests.Execution.WrongHandlers+BadName: MaxRetries must be 0..1000, got -1; use 0 to never retry.",
            "got 'bad name!'; use letters, digits, dots, dashes and underscores.",
            "WrongHandlers+StructJob cannot be a job: it must be a class or a record, got a struct; write 'sealed record' in place of 'struct'.",
            "WrongHandlers+TwoResults cannot be a job: it must implement one IJob<TResult>, got IJob<Int32> and IJob<String>; split it into two jobs.",
            $"The handler {Here}ForgotResult must implement IJobHandler<WithResult, System.String>, because WithResult is an IJob<System.String>, got IJobHandler<WithResult>; write IJobHandler<WithResult, System.String>.",
            $"The handler {Here}OtherResult must implement IJobHandler<WithResult, System.String>, because WithResult is an IJob<System.String>, got IJobHandler<WithResult, System.Object>; write IJobHandler<WithResult, System.String>.",
            $"The handler {Here}Open<TJob> must be a closed type, got an open generic one; derive a class from it that names the type arguments, or register it with AddJob<Open<…>>().",
            $"The handler {Here}AbstractHandler must be a class that can be made, got an abstract class; register the class that implements it.",
            $"{Here}NoHandler must implement IJobHandler<TJob> or IJobHandler<TJob, TResult>, got neither; implement one, or leave its AddJob out.",
            "WrongHandlers+NoAttribute cannot be a job: it must carry [Job(\"name\")] itself",
            $"The handler {Here}TwoConstructors must have one public constructor, got 2; keep one, or mark one with [ActivatorUtilitiesConstructor].",
            $"The handler {Here}NoConstructor must have a public constructor, got none; make one public.",
            $"{Here}Unreadable must be readable as JSON: ",
            $"AddJob<{Here}LostQueueHandler>: SoftTimeLimit must be at most TimeLimit, got 00:00:09 over 00:00:03",
            $"[Job] on {Here}LostQueue must name a queue that exists (critical, default, low), got 'saturn'; add it to Krewe:Queues, or set Krewe:CreateMissingQueues.",
            "AddJob for 'test.wrong.lost_queue' must name a queue that exists (critical, default, low), got 'moon';",
            "Krewe:Jobs:test.wrong.first:Queue must name a queue that exists (critical, default, low), got 'mars';",
            "The route 'test.*' must name a queue that exists (critical, default, low), got 'venus';",
            "Krewe:Jobs:test.wrong.first:SoftTimeLimit must be at most TimeLimit, got 00:00:09 over 00:00:03",
        ];
        Assert.All(expected, sentence => Assert.Contains(sentence, refused.Message, StringComparison.Ordinal));
        Assert.StartsWith($"The handlers of this silo have {refused.Problems.Count} problems:", refused.Message, StringComparison.Ordinal);

        // The two wrong values of one [Job] are told in one sentence.
        Assert.Equal(expected.Length - 1, refused.Problems.Count);
    }

    [Theory]
    [InlineData(false, 4)]
    [InlineData(true, 2)]
    public void Queues_WhenTheSiloConsumesSomeOnly_CodeMayNameThoseOfOtherSilos(bool consumesSomeOnly, int problems)
    {
        var catalogue = new JobCatalogue();
        var definition = catalogue.Get(typeof(WrongHandlers.LostQueue)) with { Code = new JobOptions { Queue = "moon" } };
        var options = new KreweOptions { Jobs = { ["any"] = new JobOptions { Queue = "mars" } }, Routes = { new RouteOptions { Pattern = "test.*", Queue = "venus" } } };
        if (consumesSomeOnly)
        {
            options.ConsumedQueues["critical"] = 4;
        }

        Assert.Equal(problems, QueueChecks.Of([definition], options).Count());
    }

    [Fact]
    public void Registry_WhenMissingQueuesMayBeCreated_DoesNotMindThem()
    {
        var registry = Accepted(setup =>
        {
            setup.AddJob<WrongHandlers.LostQueueHandler>();
            setup.Options.CreateMissingQueues = true;
        });

        Assert.Contains("test.wrong.lost_queue", registry.Names);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Registry_WhenQueueIsConfiguredOrConsumed_KnowsIt(bool isConsumed)
    {
        var registry = Accepted(setup =>
        {
            setup.AddJob<WrongHandlers.LostQueueHandler>();
            if (isConsumed)
            {
                setup.Options.ConsumedQueues["saturn"] = 1;
            }
            else
            {
                setup.Options.Queues["saturn"] = new QueueOptions();
            }
        });

        Assert.True(registry.TryFind("test.wrong.lost_queue", out _));
    }

    [Fact]
    public void Registry_WhenHandlerHandlesSeveralJobs_HoldsAllNamesAndAliases()
    {
        var registry = Accepted(setup => setup.AddJob<SeveralHandler>(options => options.MaxRetries = 5));

        Assert.Equal(["test.several.a", "test.several.a_before", "test.several.b"], registry.Names.Where(name => name.StartsWith("test.several", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.True(registry.TryFind("test.several.a_before", out var invoker));
        Assert.Equal(("test.several.a", typeof(SeveralA), 5), (invoker.Definition.Name, invoker.Definition.JobType, invoker.Definition.Code!.MaxRetries));
        Assert.False(registry.TryFind("TEST.several.a", out _));
    }

    [Fact]
    public void Registry_WhenHandlerIsRegisteredTwice_TheLaterOptionsLieOverTheEarlier()
    {
        var registry = Accepted(setup =>
        {
            setup.AddJob<SeveralHandler>(options => (options.MaxRetries, options.Priority) = (5, 1));
            setup.AddJob<SeveralHandler>(options => options.Priority = 2);
        });

        Assert.True(registry.TryFind("test.several.a", out var invoker));
        Assert.Equal((5, 2), (invoker.Definition.Code!.MaxRetries, invoker.Definition.Code.Priority));
    }

    [Fact]
    public async Task Registry_WhenMade_TellsTheCatalogueWhatAddJobSet()
    {
        await using var rig = new ExecutionRig(setup => setup.AddJob<SeveralHandler>(options => options.MaxRetries = 5));

        Assert.Equal(5, rig.Catalogue.Get(typeof(SeveralA)).Code!.MaxRetries);
        Assert.True(rig.Catalogue.TryGet("test.several.a_before", out _));
    }

    [Fact]
    public async Task Handle_WhenHandlerHandlesSeveralJobs_EachGetsItsOwnMethod()
    {
        await using var rig = new ExecutionRig(setup => setup.AddJob<SeveralHandler>());

        Assert.Null((await rig.RunAsync(ExecutionRig.Claimed("test.several.a", "{}"))).Result);
        Assert.Equal("42"u8.ToArray(), (await rig.RunAsync(ExecutionRig.Claimed("test.several.b", """{"number":42}"""))).Result);
    }

    [Fact]
    public void Registry_WhenKeyedServiceIsMissing_NamesIt()
    {
        var refused = Refused(setup => setup.AddJob<WrongHandlers.NeedsKeyed>());
        var accepted = Accepted(setup =>
        {
            setup.AddJob<WrongHandlers.NeedsKeyed>();
            setup.Services.AddKeyedSingleton<WrongHandlers.IMailer<int>>("fast", (_, _) => null!);
        });

        Assert.Contains($"needs a {Here}IMailer<System.Int32> (parameter 'mailer')", Assert.Single(refused.Problems), StringComparison.Ordinal);
        Assert.True(accepted.TryFind("test.wrong.first", out _));
    }

    private static HandlerRegistry Accepted(Action<RigSetup> configure)
    {
        var setup = new RigSetup();
        configure(setup);
        using var services = setup.Build();
        return services.GetRequiredService<HandlerRegistry>();
    }

    private static HandlerRegistrationException Refused(Action<RigSetup> configure) => Assert.Throws<HandlerRegistrationException>(() => Accepted(configure));
}

[Job("test.several.a", Aliases = ["test.several.a_before"])]
internal sealed record SeveralA : IJob;

[Job("test.several.b")]
internal sealed record SeveralB(int Number) : IJob<int>;

internal sealed class SeveralHandler : IJobHandler<SeveralA>, IJobHandler<SeveralB, int>
{
    public Task HandleAsync(SeveralA job, JobContext context, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<int> HandleAsync(SeveralB job, JobContext context, CancellationToken cancellationToken) => Task.FromResult(job.Number);
}
