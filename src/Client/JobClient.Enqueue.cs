using System.Diagnostics;
using System.Text.Json;
using Krewe.Definitions;
using Krewe.Jobs;
using Krewe.Queues;

namespace Krewe;

/// <summary>The way in. One per process; <see cref="ForParent"/> makes light children of it.</summary>
internal sealed partial class JobClient(ClientServices services, string? parentId = null, Action<string>? onEnqueued = null) : IJobClient
{
    private static readonly ActivitySource Source = new(KreweDiagnostics.ActivitySourceName);

    /// <summary>A client whose jobs carry a parent, for the handler of that parent.</summary>
    /// <param name="parentJobId">The parent's full id.</param>
    /// <param name="onEnqueued">Told the full id of each child that became durable; called on any thread.</param>
    internal IJobClient ForParent(string parentJobId, Action<string> onEnqueued) => new JobClient(services, parentJobId, onEnqueued);

    public async Task<JobHandle> EnqueueAsync(IJob job, EnqueueOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (id, isExisting) = await AddAsync(job, options, cancellationToken).ConfigureAwait(false);
        return new ClientJobHandle(id, isExisting, services.Calls);
    }

    public async Task<JobHandle<T>> EnqueueAsync<T>(IJob<T> job, EnqueueOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (id, isExisting) = await AddAsync(job, options, cancellationToken).ConfigureAwait(false);
        return new ClientJobHandle<T>(id, isExisting, services.Calls);
    }

    public async Task<JobHandle> EnqueueAsync(string jobName, JsonElement args, EnqueueOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(jobName);
        cancellationToken.ThrowIfCancellationRequested();
        Check(options);
        var (id, isExisting) = await AddAsync(services.Factory.Prepare(jobName, args, options), options, cancellationToken).ConfigureAwait(false);
        return new ClientJobHandle(id, isExisting, services.Calls);
    }

    private Task<(string Id, bool IsExisting)> AddAsync(IJob job, EnqueueOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        cancellationToken.ThrowIfCancellationRequested();
        Check(options);
        return AddAsync(services.Factory.Prepare(job, options), options, cancellationToken);
    }

    private async Task<(string Id, bool IsExisting)> AddAsync(PreparedJob prepared, EnqueueOptions? options, CancellationToken cancellationToken)
    {
        using var activity = Source.StartActivity("enqueue", ActivityKind.Producer);
        activity?.SetTag("krewe.job.name", prepared.Name).SetTag("krewe.queue", prepared.Merged.Queue);
        try
        {
            var queue = await services.Queues.GetAsync(prepared.Merged.Queue, cancellationToken).ConfigureAwait(false);
            var fixedPartition = JobFactory.FixedPartition(prepared.Name, options, queue.Partitions.Count);
            for (var tries = 1; ; tries++)
            {
                var partition = fixedPartition ?? queue.NextPartition();
                var job = services.Factory.Complete(prepared, options, partition, queue.Partitions.Count, parentId);
                var route = queue.Partitions[partition];
                activity?.SetTag("krewe.job.id", route.Key.JobId(job.Id));
                var answer = await WaitAsync(route.Batcher.AddAsync(job), route.Key.JobId(job.Id), cancellationToken).ConfigureAwait(false);
                if (answer.Result != AddResult.QueueFull || !MayGoElsewhere(queue, route, fixedPartition, tries))
                {
                    return Accept(answer, route.Key, job);
                }
            }
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            throw;
        }
    }

    /// <summary>A partition refused a job: whether another one of the queue may have room for it.</summary>
    private static bool MayGoElsewhere(KnownQueue queue, PartitionRoute full, int? fixedPartition, int tries)
    {
        full.MarkFull();
        return fixedPartition is null && tries < queue.Partitions.Count && queue.HasRoom;
    }

    private static async Task<AddAnswer> WaitAsync(Task<AddAnswer> added, string jobId, CancellationToken cancellationToken)
    {
        try
        {
            return await added.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException($"Gave up waiting; the job may have been stored as '{jobId}'. Look at it with GetHandle, or enqueue it again under that id.", exception, cancellationToken);
        }
    }

    /// <summary>Turns an owner's answer into an id, or into the exception that says why there is none.</summary>
    private (string Id, bool IsExisting) Accept(AddAnswer answer, PartitionKey key, NewJob job)
    {
        // A repeated call meets what its first try stored: that is this very job, not one that was there before.
        var isOwn = !job.HasCallerId && answer.ExistingId == job.Id;
        var isExisting = answer.Result == AddResult.Existing && !isOwn;
        var jobId = key.JobId(isExisting ? answer.ExistingId ?? job.Id : job.Id);
        switch (answer.Result)
        {
            case AddResult.Conflict:
                throw new JobIdConflictException(jobId);
            case AddResult.QueueFull:
                throw new QueueFullException(key.Queue);
            case not (AddResult.Added or AddResult.Existing):
                throw new StoreUnavailableException($"The cluster answered in a way that this version of the client does not know ({answer.Result}); the job may have been stored as '{jobId}'. Upgrade the client.") { MaybeStoredIds = [jobId] };
        }

        // The id is this attempt's or its predecessor's; the holder of a unique key may be anybody's job.
        if (!isExisting || job.UniqueKey is null)
        {
            onEnqueued?.Invoke(jobId);
        }

        return (jobId, isExisting);
    }

    private static void Check(EnqueueOptions? options)
    {
        if (options is not null)
        {
            OptionChecks.Check(options);
        }
    }
}
