namespace Krewe.Testing.Jobs;

/// <summary>A job whose handler does what a test says: the body that <see cref="Scripts"/> holds under the key.</summary>
[Job("test.scripted")]
public sealed record Scripted(string Key) : IJob<string?>;

/// <summary>Runs the body of the job's key.</summary>
public sealed class ScriptedHandler(Scripts scripts) : IJobHandler<Scripted, string?>
{
    /// <inheritdoc />
    public Task<string?> HandleAsync(Scripted job, JobContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        return scripts.RunAsync(job.Key, context, cancellationToken);
    }
}
