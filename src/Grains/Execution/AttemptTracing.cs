using System.Diagnostics;

namespace Krewe.Execution;

/// <summary>The span <c>run</c> of an attempt; it continues the trace of the enqueue.</summary>
internal static class AttemptTracing
{
    internal const string SourceName = "Krewe";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Starts the span; null when nobody listens or the trace is not sampled.</summary>
    internal static Activity? Start(Attempt attempt)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var record = attempt.Job.Record;
        ActivityContext.TryParse(record.TraceParent, record.TraceState, isRemote: true, out var parent);
        var span = Source.StartActivity("run", ActivityKind.Consumer, parent);
        span?.SetTag("krewe.queue", attempt.Job.Partition.Queue);
        span?.SetTag("krewe.job.name", record.Name);
        span?.SetTag("krewe.job.id", attempt.JobId);
        span?.SetTag("krewe.attempt", attempt.Job.Attempt);
        return span;
    }

    /// <summary>Ends the span with the attempt's outcome.</summary>
    internal static void End(Activity? span, AttemptOutcome outcome)
    {
        if (span is null)
        {
            return;
        }

        span.SetTag("krewe.outcome", outcome.Kind.ToString());
        if (outcome.Error is { } error)
        {
            span.SetTag("error.type", error.Type);
            span.SetStatus(ActivityStatusCode.Error, error.Message);
        }

        span.Dispose();
    }
}
