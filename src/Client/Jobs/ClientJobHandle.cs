namespace Krewe.Jobs;

/// <summary>A handle whose job has no declared result.</summary>
internal sealed class ClientJobHandle(string id, bool isExisting, JobCalls calls) : JobHandle(id, isExisting)
{
    public override Task<JobInfo?> GetInfoAsync(CancellationToken cancellationToken = default) => calls.GetInfoAsync(Id, cancellationToken);

    public override Task<JobState> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => calls.WaitAsync(Id, timeout, cancellationToken);

    public override Task<T> GetResultAsync<T>(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => calls.GetResultAsync<T>(Id, timeout, cancellationToken);

    public override Task<bool> CancelAsync(CancellationToken cancellationToken = default) => calls.CancelAsync(Id, null, cancellationToken);

    public override Task<bool> RedriveAsync(CancellationToken cancellationToken = default) => calls.RedriveAsync(Id, cancellationToken);

    public override Task<bool> ForgetAsync(CancellationToken cancellationToken = default) => calls.ForgetAsync(Id, cancellationToken);
}

/// <summary>A handle whose job declares its result.</summary>
internal sealed class ClientJobHandle<TResult>(string id, bool isExisting, JobCalls calls) : JobHandle<TResult>(id, isExisting)
{
    public override Task<JobInfo?> GetInfoAsync(CancellationToken cancellationToken = default) => calls.GetInfoAsync(Id, cancellationToken);

    public override Task<JobState> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => calls.WaitAsync(Id, timeout, cancellationToken);

    public override Task<T> GetResultAsync<T>(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => calls.GetResultAsync<T>(Id, timeout, cancellationToken);

    public override Task<bool> CancelAsync(CancellationToken cancellationToken = default) => calls.CancelAsync(Id, null, cancellationToken);

    public override Task<bool> RedriveAsync(CancellationToken cancellationToken = default) => calls.RedriveAsync(Id, cancellationToken);

    public override Task<bool> ForgetAsync(CancellationToken cancellationToken = default) => calls.ForgetAsync(Id, cancellationToken);
}
