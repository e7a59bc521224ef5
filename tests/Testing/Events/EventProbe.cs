using System.Text;
using Krewe.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Krewe.Testing.Events;

/// <summary>Listens to what happens to jobs on one or more silos, and lets a test wait for a fact. Remembers everything, so a fact that came first is found too.</summary>
public sealed class EventProbe
{
    private readonly Lock _gate = new();
    private readonly List<JobEvent> _seen = [];
    private TaskCompletionSource _more = NewSignal();

    /// <summary>Everything seen so far, in order.</summary>
    public IReadOnlyList<JobEvent> Seen
    {
        get
        {
            lock (_gate)
            {
                return [.. _seen];
            }
        }
    }

    /// <summary>What was seen of one job, in order.</summary>
    public IReadOnlyList<string> KindsOf(string jobId) => [.. Seen.Where(seen => seen.JobId == jobId).Select(seen => seen.Kind)];

    /// <summary>Waits for a fact about a job, and tells all that was seen of it up to then, in order.</summary>
    public async Task<IReadOnlyList<string>> StoryUntil(string kind, string jobId)
    {
        await Until(kind, jobId);
        return KindsOf(jobId);
    }

    /// <summary>Waits for a fact about a job.</summary>
    /// <param name="kind">Such as <c>job.retried</c>.</param>
    /// <param name="jobId">The job's full id.</param>
    /// <param name="count">How often it must have happened.</param>
    /// <returns>The event that made the count full.</returns>
    /// <exception cref="TimeoutException">It did not come in time; the message says what came.</exception>
    public async Task<JobEvent> Until(string kind, string jobId, int count = 1)
    {
        using var timeout = new CancellationTokenSource(Some.Timeout);
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (_seen.Where(seen => seen.Kind == kind && seen.JobId == jobId).ElementAtOrDefault(count - 1) is { } found)
                {
                    return found;
                }

                more = _more.Task;
            }

            try
            {
                await more.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException(Missing(kind, jobId, count));
            }
        }
    }

    internal void Listen(IServiceProvider silo) => silo.GetRequiredService<JobEvents>().Subscribe(Add);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Add(JobEvent seen)
    {
        TaskCompletionSource more;
        lock (_gate)
        {
            _seen.Add(seen);
            (more, _more) = (_more, NewSignal());
        }

        more.SetResult();
    }

    private string Missing(string kind, string jobId, int count)
    {
        var text = new StringBuilder($"Job '{jobId}': expected '{kind}' {count} time(s) within {Some.Timeout}, got:");
        foreach (var seen in Seen.Where(seen => seen.JobId == jobId))
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{Environment.NewLine}  {seen.At:HH:mm:ss.fff} {seen.Kind} attempt {seen.Attempt}, {seen.State} {seen.Reason}");
        }

        return text.ToString();
    }
}
