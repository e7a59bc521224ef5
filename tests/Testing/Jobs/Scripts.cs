using System.Collections.Concurrent;

namespace Krewe.Testing.Jobs;

/// <summary>What scripted handlers do, by the key in their args. Shared by all silos of a test; thread-safe.</summary>
public sealed class Scripts
{
    private readonly ConcurrentDictionary<string, Func<JobContext, CancellationToken, Task<string?>>> _bodies = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _runs = new();

    /// <summary>Adds a body and gives the job that runs it.</summary>
    public Scripted Add(Func<JobContext, CancellationToken, Task<string?>> body) => AddAs(Some.Key(), body);

    /// <summary>Adds a body that never waits.</summary>
    public Scripted Add(Func<JobContext, string?> body) => Add((context, _) => Task.FromResult(body(context)));

    /// <summary>Adds a body under a key of the test's own.</summary>
    public Scripted AddAs(string key, Func<JobContext, CancellationToken, Task<string?>> body)
    {
        _bodies[key] = body;
        return new Scripted(key);
    }

    /// <summary>How often handlers of this key were started, on any silo.</summary>
    public int RunsOf(Scripted job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return _runs.TryGetValue(job.Key, out var runs) ? runs.Count : 0;
    }

    internal Task<string?> RunAsync(string key, JobContext context, CancellationToken cancellationToken)
    {
        _runs.GetOrAdd(key, _ => new()).Enqueue(context.JobId);
        return _bodies.TryGetValue(key, out var body)
            ? body(context, cancellationToken)
            : throw new InvalidOperationException($"No body was added under the key '{key}'.");
    }
}
