using System.Diagnostics;
using System.Text;
using Krewe.Execution;
using Krewe.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Krewe.Grains.Tests.Execution;

public sealed class JobRunnerScopeTests
{
    private static readonly string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public async Task RunAsync_WhenRunTwice_UsesOneScopePerAttemptAndDisposesItFirstHandlerThenServices()
    {
        var steps = new List<string>();
        await using var rig = Rig(steps);

        await rig.RunAsync(ExecutionRig.Claimed("test.disposable", """{"fails":false}"""));
        await rig.RunAsync(ExecutionRig.Claimed("test.disposable", """{"fails":true}"""));

        string[] attempt = ["resource made", "handled with one resource: True", "handler disposed", "resource disposed"];
        Assert.Equal([.. attempt, .. attempt], steps);
    }

    [Fact]
    public async Task RunAsync_WhenDisposalFails_TheOutcomeStandsAndTheLogSaysSo()
    {
        var steps = new List<string>();
        RigSetup? setup = null;
        await using var rig = Rig(steps, made => setup = made);

        var outcome = await rig.RunAsync(ExecutionRig.Claimed("test.disposable", """{"fails":false,"disposalFails":true}"""));

        Assert.Equal(OutcomeKind.Succeeded, outcome.Kind);
        Assert.Equal("resource disposed", steps[^1]);
        Assert.Contains(setup!.LogLines, line => line.StartsWith("Warning Krewe.Execution.JobRunner: Disposing what the attempt at test.disposable default~0~01j had used failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunAsync_WhenConstructorThrows_FailsAndMayBeRetried()
    {
        await using var rig = new ExecutionRig(setup =>
        {
            setup.AddJob<DisposableHandler>();
            setup.Services.AddScoped<Resource>(_ => throw new TimeoutException("no connection"));
            setup.Services.AddSingleton(new List<string>());
        });

        var outcome = await rig.RunAsync(ExecutionRig.Claimed("test.disposable", "{}"));

        Assert.Equal((OutcomeKind.Failed, "System.TimeoutException", true), (outcome.Kind, outcome.Error!.Type, outcome.Error.IsRetryable));
    }

    [Fact]
    public async Task RunAsync_WhenArgsDoNotFit_FailsForGoodWithoutMakingTheHandler()
    {
        var steps = new List<string>();
        await using var rig = Rig(steps);

        var outcome = await rig.RunAsync(ExecutionRig.Claimed("test.disposable", """{"fails":"perhaps"}"""));

        Assert.Equal((OutcomeKind.Failed, "Krewe.InvalidJobException", false), (outcome.Kind, outcome.Error!.Type, outcome.Error.IsRetryable));
        Assert.Contains("at $.fails: ", outcome.Error.Message, StringComparison.Ordinal);
        Assert.Empty(steps);
    }

    [Fact]
    public async Task RunAsync_WhenHandlerReadsItsContext_SeesTheAttempt()
    {
        await using var rig = new ExecutionRig();
        JobContext? seen = null;
        var record = new JobRecord
        {
            Id = "01j", Name = "test.scripted", Args = "{}"u8.ToArray(), IsMerged = true, EnqueuedAt = ExecutionRig.Start, FailedAttempts = 2, Headers = new() { ["tenant"] = "7" },
            Settings = new JobSettings { MaxRetries = 9, SoftTimeLimit = TimeSpan.FromSeconds(1), TimeLimit = TimeSpan.FromSeconds(2) },
        };
        rig.Script.Body = (context, _) => Task.FromResult<object?>((seen = context).ChildId("mail"));

        var outcome = await rig.RunAsync(ExecutionRig.Claimed(record));

        Assert.Equal("\"01j.mail\"", Encoding.UTF8.GetString(outcome.Result!));
        Assert.Equal(("default~0~01j", "test.scripted", "default", 3, 9), (seen!.JobId, seen.JobName, seen.Queue, seen.Attempt, seen.MaxRetries));
        Assert.Equal(("default~0~01j", ExecutionRig.Start), (seen.IdempotencyKey, seen.EnqueuedAt));
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)), (seen.SoftTimeLimit, seen.TimeLimit));
        Assert.Equal([KeyValuePair.Create("tenant", "7")], seen.Headers);
        Assert.Equal((false, null, CancellationReason.None), (seen.HasInput, seen.Input<string>(), seen.CancellationReason));
    }

    [Fact]
    public async Task RunAsync_WhenHandlerEnqueues_MakesOneClientAndTellsTheChildren()
    {
        await using var rig = new ExecutionRig();

        var outcome = await rig.RunAsync((context, _) =>
        {
            Assert.Same(context.Jobs, context.Jobs);
            for (var child = 0; child < 150; child++)
            {
                rig.Clients.Made[0].OnChild($"default~0~c{child}");
            }

            context.ReportProgress(-5, 10, new string('a', 255) + "😀");
            return Task.FromResult<object?>(null);
        });

        Assert.Equal("default~0~01j", Assert.Single(rig.Clients.Made).JobId);
        Assert.Equal(100, outcome.ChildIds!.Count);
        Assert.Equal(("default~0~c0", "default~0~c99"), (outcome.ChildIds[0], outcome.ChildIds[99]));
        Assert.Equal(new JobProgress(0, 10, new string('a', 255)), outcome.Progress);
    }

    [Fact]
    public async Task RunAsync_WhenSettingsAreNotMerged_MergesThemAndTellsTheOwner()
    {
        await using var rig = new ExecutionRig(setup =>
        {
            setup.Options.Defaults.MaxRetries = 7;
            setup.Options.Jobs["test.scripted"] = new JobOptions { TimeLimit = TimeSpan.FromMinutes(1) };
        });
        var settings = new JobSettings { SoftTimeLimit = TimeSpan.FromSeconds(3) };
        var job = ExecutionRig.Claimed(ExecutionRig.Claimed("test.scripted", "{}", settings).Record with { IsMerged = false });
        rig.Script.Body = (context, _) => Task.FromResult<object?>(context.MaxRetries);

        var outcome = await rig.RunAsync(job);

        Assert.Equal("7"u8.ToArray(), outcome.Result);
        Assert.Equal(new JobSettings { MaxRetries = 7, SoftTimeLimit = TimeSpan.FromSeconds(3), TimeLimit = TimeSpan.FromMinutes(1) }, outcome.MergedSettings);
    }

    [Fact]
    public async Task RunAsync_WhenMergedSettingsAreTheBuiltInOnes_TellsThatTheyAreMerged()
    {
        await using var rig = new ExecutionRig();

        var outcome = await rig.RunAsync(ExecutionRig.Claimed(ExecutionRig.Claimed("test.scripted", "{}").Record with { IsMerged = false }));

        Assert.Equal(JobSettings.Unset, outcome.MergedSettings);
    }

    [Fact]
    public async Task RunAsync_WhenHandlerLogs_TheLineCarriesTheJob()
    {
        RigSetup? setup = null;
        await using var rig = new ExecutionRig(made => setup = made);

        await rig.RunAsync(async (context, _) =>
        {
            await Task.Yield();
            context.Logger.LogLine();
            return null;
        });

        Assert.Contains("Information Krewe.Grains.Tests.Execution.ScriptedHandler: from the handler | JobId:default~0~01j JobName:test.scripted Queue:default Attempt:1", setup!.LogLines);
    }

    [Fact]
    public async Task RunAsync_WhenCallerHasAnExecutionContext_TheHandlerDoesNot()
    {
        await using var rig = new ExecutionRig();
        var ambient = new AsyncLocal<string?> { Value = "caller" };

        var outcome = await rig.RunAsync((_, _) => Task.FromResult<object?>(ambient.Value));

        Assert.Equal("null"u8.ToArray(), outcome.Result);
    }

    [Fact]
    public async Task RunAsync_WhenJobCarriesATrace_ContinuesItAndTagsTheOutcome()
    {
        var spans = new List<Activity>();
        using var listener = Listen(spans, "test.scripted-traced");
        await using var rig = new ExecutionRig(setup => setup.AddJob<TracedHandler>());
        var record = ExecutionRig.Claimed("test.scripted-traced", "{}").Record with { TraceParent = TraceParent, TraceState = "vendor=1" };

        var outcome = await rig.RunAsync(ExecutionRig.Claimed(record));

        var span = Assert.Single(spans);
        Assert.Equal(("run", ActivityKind.Consumer, ActivityStatusCode.Error), (span.OperationName, span.Kind, span.Status));
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "vendor=1"), (span.TraceId.ToHexString(), span.ParentSpanId.ToHexString(), span.TraceStateString));
        Assert.Equal(("default", 1, "Failed"), (span.GetTagItem("krewe.queue"), span.GetTagItem("krewe.attempt"), span.GetTagItem("krewe.outcome")));
        Assert.Equal(span.SpanId.ToHexString(), outcome.Error!.Message);
    }

    [Fact]
    public async Task RunAsync_WhenJobCarriesNoTrace_BeginsOne()
    {
        var spans = new List<Activity>();
        using var listener = Listen(spans, "test.scripted-traced");
        await using var rig = new ExecutionRig(setup => setup.AddJob<TracedHandler>());
        using var callers = new Activity("caller").Start();

        await rig.RunAsync(ExecutionRig.Claimed("test.scripted-traced", "{}"));

        Assert.Equal(default, Assert.Single(spans).ParentSpanId);
    }

    private static ActivityListener Listen(List<Activity> spans, string jobName)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Krewe",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                // Tests beside this one run attempts too.
                lock (spans)
                {
                    if (span.GetTagItem("krewe.job.name") as string == jobName && span.TraceId.ToHexString() is not null)
                    {
                        spans.Add(span);
                    }
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static ExecutionRig Rig(List<string> steps, Action<RigSetup>? configure = null) => new(setup =>
    {
        setup.AddJob<DisposableHandler>();
        setup.Services.AddScoped<Resource>();
        setup.Services.AddSingleton(steps);
        configure?.Invoke(setup);
    });
}

[Job("test.disposable")]
internal sealed record Disposable(bool Fails = false, bool DisposalFails = false) : IJob;

internal sealed class Resource : IAsyncDisposable
{
    private readonly List<string> _steps;

    public Resource(List<string> steps) => (_steps = steps).Add("resource made");

    public ValueTask DisposeAsync()
    {
        _steps.Add("resource disposed");
        return ValueTask.CompletedTask;
    }
}

internal sealed class DisposableHandler(Resource resource, List<string> steps) : IJobHandler<Disposable>, IDisposable
{
    private bool _disposalFails;

    public Task HandleAsync(Disposable job, JobContext context, CancellationToken cancellationToken)
    {
        _disposalFails = job.DisposalFails;
        steps.Add($"handled with one resource: {ReferenceEquals(resource, context.Services.GetRequiredService<Resource>())}");
        return job.Fails ? throw new InvalidOperationException() : Task.CompletedTask;
    }

    public void Dispose()
    {
        steps.Add("handler disposed");
        if (_disposalFails)
        {
            throw new InvalidOperationException("disposal");
        }
    }
}

[Job("test.scripted-traced")]
internal sealed record Traced : IJob;

internal sealed class TracedHandler : IJobHandler<Traced>
{
    public async Task HandleAsync(Traced job, JobContext context, CancellationToken cancellationToken)
    {
        await Task.Yield();
        throw new InvalidOperationException(Activity.Current!.SpanId.ToHexString());
    }
}

internal static partial class HandlerLog
{
    [LoggerMessage(9001, LogLevel.Information, "from the handler")]
    internal static partial void LogLine(this ILogger logger);
}
