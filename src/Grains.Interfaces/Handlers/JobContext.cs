using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Krewe;

/// <summary>One attempt at a job, as its handler sees it. Thread-safe; lives as long as the attempt.</summary>
/// <remarks>An abstract class, so that a test of a handler can derive its own; every member has a neutral default.</remarks>
public abstract class JobContext
{
    /// <summary>The job's id, as in handles, logs and URLs.</summary>
    public virtual string JobId => "";

    /// <summary>The job's stable name.</summary>
    public virtual string JobName => "";

    /// <summary>The queue that the job was claimed from.</summary>
    public virtual string Queue => "default";

    /// <summary>1 for the first try.</summary>
    public virtual int Attempt => 1;

    /// <summary>Retries after the first attempt.</summary>
    public virtual int MaxRetries => 0;

    /// <summary>The headers of the enqueue; empty when there were none.</summary>
    public virtual IReadOnlyDictionary<string, string> Headers => System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The same text for every attempt of this job; send it to systems that accept an idempotency key.</summary>
    public virtual string IdempotencyKey => JobId;

    /// <summary>When the job was accepted.</summary>
    public virtual DateTimeOffset EnqueuedAt => default;

    /// <summary>The soft limit in force, or null.</summary>
    public virtual TimeSpan? SoftTimeLimit => null;

    /// <summary>The hard limit in force, or null.</summary>
    public virtual TimeSpan? TimeLimit => null;

    /// <summary>Why the handler's token fired; <see cref="Krewe.CancellationReason.None"/> before that.</summary>
    public virtual CancellationReason CancellationReason => CancellationReason.None;

    /// <summary>Whether a previous step of a flow passed its result to this job.</summary>
    public virtual bool HasInput => false;

    /// <summary>The previous step's result; <c>default</c> where there is none.</summary>
    /// <typeparam name="T">The type to read it as.</typeparam>
    public virtual T? Input<T>() => default;

    /// <summary>The flow that the job belongs to; null: none.</summary>
    public virtual string? FlowId => null;

    /// <summary>A logger whose scope carries the job's id, name, queue and attempt.</summary>
    public virtual ILogger Logger => NullLogger.Instance;

    /// <summary>The services of this attempt's scope.</summary>
    public virtual IServiceProvider Services => throw new NotSupportedException("This context has no services; override Services in the test's own context.");

    /// <summary>A client whose jobs carry this one as their parent. Jobs without an id of their own are enqueued again when the handler runs again; <see cref="ChildId"/> makes a stable one.</summary>
    public virtual IJobClient Jobs => throw new NotSupportedException("This context has no client; override Jobs in the test's own context.");

    /// <summary>Tells how far the job is. Cheap; at most one write a second reaches the store, and the last one always does when the attempt ends.</summary>
    /// <param name="done">Units done, 0 or more.</param>
    /// <param name="total">Units in all; 0 when unknown.</param>
    /// <param name="note">A short text, cut at 256 characters.</param>
    public virtual void ReportProgress(long done, long total, string? note = null)
    {
    }

    /// <summary>An id for a child job that is the same whenever this job runs, for <see cref="EnqueueOptions.Id"/>.</summary>
    /// <param name="name">Tells this child from the job's others; <c>[A-Za-z0-9._-]</c>, 1..60 characters.</param>
    public virtual string ChildId(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var id = JobId[(JobId.LastIndexOf('~') + 1)..];
        return JobIds.Shorten($"{id}.{name}");
    }

    /// <summary>An outcome to throw: the attempt failed; try again.</summary>
    /// <param name="delay">0 or more; null: the policy's delay.</param>
    /// <param name="cause">What went wrong; recorded as the attempt's error.</param>
    public virtual Exception Retry(TimeSpan? delay = null, Exception? cause = null) => new RetryJobException(NotNegative(delay, nameof(delay)), cause);

    /// <summary>An outcome to throw: run again later; no attempt is spent.</summary>
    /// <param name="delay">0 or more.</param>
    public virtual Exception Snooze(TimeSpan delay) => new SnoozeJobException(NotNegative(delay, nameof(delay))!.Value);

    /// <summary>An outcome to throw: failed for good, no retry.</summary>
    /// <param name="message">Why; recorded.</param>
    /// <param name="cause">The exception behind it, if any.</param>
    public virtual Exception Fail(string message, Exception? cause = null) => new FailJobException(message, cause);

    /// <summary>An outcome to throw: the job is no longer wanted.</summary>
    /// <param name="reason">Why; recorded.</param>
    public virtual Exception Cancel(string reason) => new CancelJobException(reason);

    /// <summary>An outcome to throw: a job or a flow takes this job's place. The job ends when that ends, with its result or its error; until then it is <see cref="JobState.Waiting"/>, and whoever waits for it,
    /// follows it in a flow, or is called back because of it, goes by that end.</summary>
    /// <param name="replacement">Any step. It has this job's headers, under its own; this job's input is not handed on.</param>
    /// <remarks>Durable before the attempt ends. A handler that runs again after a crash and throws another replacement gets the first one.</remarks>
    public virtual Exception ReplaceWith(IFlowStep replacement)
    {
        ArgumentNullException.ThrowIfNull(replacement);
        return new ReplaceJobException(replacement);
    }

    /// <summary>Adds members to the group that this job is a member of, itself or as a step of a chain: the group, or the chord's body, waits for them, too, and their results come last.</summary>
    /// <param name="jobs">Jobs or flows.</param>
    /// <returns>Completes when they are durable. Need not be awaited: the attempt does not end well before they are.</returns>
    /// <exception cref="InvalidJobException">The job is in no group, or a step cannot work.</exception>
    /// <remarks>The first call of an attempt adds the same members as the first call of an earlier attempt did, the second the same as the second: a handler that runs again adds nothing twice.</remarks>
    public virtual Task AddToGroup(params IEnumerable<IFlowStep> jobs) => throw new NotSupportedException("This context has no flow; override AddToGroup in the test's own context.");

    private static TimeSpan? NotNegative(TimeSpan? delay, string name) => delay < TimeSpan.Zero
        ? throw new ArgumentOutOfRangeException(name, delay, $"The delay must be 0 or more, got {delay}; use TimeSpan.Zero to run again at once.")
        : delay;
}
