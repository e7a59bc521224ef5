using System.Collections.ObjectModel;
using Krewe.Jobs;
using Microsoft.Extensions.Logging;

namespace Krewe.Execution;

/// <summary>What a handler sees of the attempt that it carries out.</summary>
internal sealed class RunningJobContext(Attempt attempt, IServiceProvider services, AttemptServices engine) : JobContext
{
    private ILogger? _logger;
    private IJobClient? _jobs;
    private int _additions;

    public override string JobId => attempt.JobId;

    public override string JobName => attempt.Job.Record.Name;

    public override string Queue => attempt.Job.Partition.Queue;

    public override int Attempt => attempt.Job.Attempt;

    public override int MaxRetries => attempt.Settings.EffectiveMaxRetries;

    public override IReadOnlyDictionary<string, string> Headers =>
        attempt.Job.Record.Headers is { } headers ? new ReadOnlyDictionary<string, string>(headers) : ReadOnlyDictionary<string, string>.Empty;

    public override DateTimeOffset EnqueuedAt => attempt.Job.Record.EnqueuedAt;

    public override TimeSpan? SoftTimeLimit => attempt.Settings.SoftTimeLimit;

    public override TimeSpan? TimeLimit => attempt.Settings.TimeLimit;

    public override CancellationReason CancellationReason => attempt.Control.Reason;

    public override ILogger Logger => _logger ??= engine.Loggers.CreateLogger(attempt.Invoker!.HandlerName);

    public override IServiceProvider Services => services;

    public override IJobClient Jobs => LazyInitializer.EnsureInitialized(ref _jobs, () => engine.Clients.For(attempt.JobId, attempt.Control.AddChild));

    public override string? FlowId => attempt.Job.Record.FlowId;

    public override bool HasInput => attempt.Input is not null;

    public override T? Input<T>()
        where T : default => attempt.Input is { } input ? JobCalls.Read<T>(attempt.JobId, input) : default;

    public override Task AddToGroup(params IEnumerable<IFlowStep> jobs)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var addition = engine.Flows.GrowAsync(attempt, Interlocked.Increment(ref _additions) - 1, [.. jobs]);
        attempt.Additions.Enqueue(addition);
        return addition;
    }

    public override void ReportProgress(long done, long total, string? note = null) => attempt.Control.Report(done, total, note);
}
