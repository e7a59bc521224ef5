using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Krewe;

/// <summary>A <see cref="JobContext"/> for tests of handlers: says what the test sets, and records the progress that the handler reports.</summary>
/// <remarks>
/// Hand it to <c>HandleAsync</c> as a worker would. Outcomes (<see cref="JobContext.Retry"/>, <see cref="JobContext.Snooze"/>, <see cref="JobContext.Fail"/>,
/// <see cref="JobContext.Cancel"/>) are exceptions that the handler throws, so a test asserts them as exceptions.
/// </remarks>
/// <param name="attempt">What the context says; null: the first attempt at a job without input.</param>
/// <example><code>
/// var context = new TestJobContext(new TestAttempt { Attempt = 2, JobId = "default~0~order-42" });
/// await handler.HandleAsync(new ImportOrders("42"), context, CancellationToken.None);
/// Assert.Equal(3, context.Progress.Count);
/// </code></example>
public sealed class TestJobContext(TestAttempt? attempt = null) : JobContext
{
    private const int MaxNoteLength = 256;

    private readonly TestAttempt _attempt = attempt ?? new();
    private readonly ConcurrentQueue<JobProgress> _progress = new();

    /// <summary>What the handler reported, in order, each note cut at 256 characters. A snapshot.</summary>
    public IReadOnlyList<JobProgress> Progress => [.. _progress];

    /// <inheritdoc/>
    public override string JobId => _attempt.JobId;

    /// <inheritdoc/>
    public override string JobName => _attempt.JobName;

    /// <inheritdoc/>
    public override string Queue => _attempt.Queue;

    /// <inheritdoc/>
    public override int Attempt => _attempt.Attempt;

    /// <inheritdoc/>
    public override int MaxRetries => _attempt.MaxRetries;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Headers => _attempt.Headers;

    /// <inheritdoc/>
    public override string IdempotencyKey => _attempt.IdempotencyKey ?? JobId;

    /// <inheritdoc/>
    public override DateTimeOffset EnqueuedAt => _attempt.EnqueuedAt;

    /// <inheritdoc/>
    public override TimeSpan? SoftTimeLimit => _attempt.SoftTimeLimit;

    /// <inheritdoc/>
    public override TimeSpan? TimeLimit => _attempt.TimeLimit;

    /// <inheritdoc/>
    public override CancellationReason CancellationReason => _attempt.CancellationReason();

    /// <inheritdoc/>
    public override bool HasInput => _attempt.HasInput;

    /// <inheritdoc/>
    public override T? Input<T>()
        where T : default => _attempt.Input is T input ? input : default;

    /// <inheritdoc/>
    public override ILogger Logger => _attempt.Logger;

    /// <inheritdoc/>
    public override IServiceProvider Services => _attempt.Services ?? base.Services;

    /// <inheritdoc/>
    public override IJobClient Jobs => _attempt.Jobs ?? base.Jobs;

    /// <inheritdoc/>
    public override void ReportProgress(long done, long total, string? note = null) =>
        _progress.Enqueue(new JobProgress(done, total, note is { Length: > MaxNoteLength } ? note[..MaxNoteLength] : note));
}
