using System.Diagnostics;
using System.Globalization;
using Krewe.Jobs;
using Krewe.Queues;

namespace Krewe;

internal sealed partial class JobClient
{
    /// <summary>Fewer jobs than this are not worth another partition's call.</summary>
    private const int MinSlice = 64;

    public async Task<IReadOnlyList<JobHandle>> EnqueueManyAsync(IEnumerable<IJob> jobs, EnqueueOptions? options = null, CancellationToken cancellationToken = default) =>
        await AddManyAsync(jobs, options, (id, isExisting) => (JobHandle)new ClientJobHandle(id, isExisting, services.Calls), cancellationToken).ConfigureAwait(false);

    public async Task<IReadOnlyList<JobHandle<T>>> EnqueueManyAsync<T>(IEnumerable<IJob<T>> jobs, EnqueueOptions? options = null, CancellationToken cancellationToken = default) =>
        await AddManyAsync(jobs, options, (id, isExisting) => (JobHandle<T>)new ClientJobHandle<T>(id, isExisting, services.Calls), cancellationToken).ConfigureAwait(false);

    private async Task<IReadOnlyList<THandle>> AddManyAsync<THandle>(
        IEnumerable<IJob> jobs, EnqueueOptions? options, Func<string, bool, THandle> handle, CancellationToken cancellationToken)
        where THandle : JobHandle
    {
        ArgumentNullException.ThrowIfNull(jobs);
        cancellationToken.ThrowIfCancellationRequested();
        Check(options);
        var items = jobs.Select((job, index) => new BulkItem(index, job)).ToList();
        if (options?.Id is not null && items.Count > 1)
        {
            throw new InvalidJobException($"Id must be left out in a bulk of more than one job, got {items.Count} jobs; enqueue them one by one with an Id each.");
        }

        using var activity = Source.StartActivity("enqueue", ActivityKind.Producer);
        activity?.SetTag("krewe.jobs", items.Count);
        foreach (var item in items)
        {
            Prepare(item, options);
        }

        var queues = items.Where(item => item.Error is null).GroupBy(item => item.Prepared.Merged.Queue);
        await Task.WhenAll(queues.Select(queue => AddToQueueAsync(queue.Key, [.. queue], options, cancellationToken))).ConfigureAwait(false);
        var handles = items.ConvertAll(item => item.Error is null ? handle(item.JobId, item.IsExisting) : null);
        if (items.Find(item => item.Error is not null) is not { } failed)
        {
            return handles.ConvertAll(made => made!);
        }

        activity?.SetStatus(ActivityStatusCode.Error, failed.Error!.Message);
        var refused = Refused(items, [.. handles], failed);
        throw cancellationToken.IsCancellationRequested && items.Exists(item => item.Error is OperationCanceledException)
            ? new OperationCanceledException($"Gave up waiting. {refused.Message} The inner exception has them.", refused, cancellationToken)
            : refused;
    }

    private static BulkEnqueueException Refused(List<BulkItem> items, IReadOnlyList<JobHandle?> handles, BulkItem first) => new(
        string.Create(CultureInfo.InvariantCulture, $"{items.Count(item => item.Error is not null)} of {items.Count} jobs were not stored, the first of them at index {first.Index}: {first.Error!.Message} See Errors and Handles, and enqueue only the missing ones again."),
        handles,
        items.ConvertAll(item => item.Error));

    private void Prepare(BulkItem item, EnqueueOptions? options)
    {
        try
        {
            ArgumentNullException.ThrowIfNull(item.Job, $"jobs[{item.Index}]");
            item.Prepared = services.Factory.Prepare(item.Job, options);
        }
        catch (Exception exception) when (exception is KreweException or ArgumentNullException)
        {
            item.Error = exception;
        }
    }

    private async Task AddToQueueAsync(string name, List<BulkItem> items, EnqueueOptions? options, CancellationToken cancellationToken)
    {
        KnownQueue queue;
        try
        {
            queue = await services.Queues.GetAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is KreweException or OperationCanceledException)
        {
            items.ForEach(item => item.Error = exception);
            return;
        }

        for (var tries = 1; items.Count > 0; tries++)
        {
            Spread(queue, items, options);
            await Task.WhenAll(items.GroupBy(item => item.Partition).Select(group => AddToPartitionAsync(queue, [.. group], options, cancellationToken))).ConfigureAwait(false);
            if (options is { Id: not null } or { UniqueKey: not null } || tries >= queue.Partitions.Count || !queue.HasRoom)
            {
                return;
            }

            items = items.FindAll(item => item.Error is QueueFullException); // Another partition may have room for them.
        }
    }

    private static void Spread(KnownQueue queue, List<BulkItem> items, EnqueueOptions? options)
    {
        var partitions = queue.NextPartitions(Math.Clamp((items.Count + MinSlice - 1) / MinSlice, 1, queue.Partitions.Count));
        for (var index = 0; index < items.Count; index++)
        {
            // Contiguous slices, so that jobs that were neighbours stay in order in their partition.
            var item = items[index];
            item.Partition = JobFactory.FixedPartition(item.Prepared.Name, options, queue.Partitions.Count) ?? partitions[(int)((long)index * partitions.Length / items.Count)];
        }
    }

    private async Task AddToPartitionAsync(KnownQueue queue, List<BulkItem> items, EnqueueOptions? options, CancellationToken cancellationToken)
    {
        var route = queue.Partitions[items[0].Partition];
        var jobs = items.ConvertAll(item => services.Factory.Complete(item.Prepared, options, item.Partition, queue.Partitions.Count, parentId));
        var outcomes = await route.Batcher.AddManyAsync(jobs, cancellationToken).ConfigureAwait(false);
        for (var index = 0; index < items.Count; index++)
        {
            Settle(items[index], outcomes[index], route, jobs[index]);
        }
    }

    private void Settle(BulkItem item, (AddAnswer Answer, Exception? Error) outcome, PartitionRoute route, NewJob job)
    {
        item.Error = outcome.Error;
        if (outcome.Error is not null)
        {
            return;
        }

        try
        {
            (item.JobId, item.IsExisting) = Accept(outcome.Answer, route.Key, job);
        }
        catch (QueueFullException exception)
        {
            route.MarkFull();
            item.Error = exception;
        }
        catch (KreweException exception)
        {
            item.Error = exception;
        }
    }

    private sealed class BulkItem(int index, IJob job)
    {
        internal int Index => index;

        internal IJob Job => job;

        internal PreparedJob Prepared { get; set; }

        internal int Partition { get; set; }

        internal string JobId { get; set; } = "";

        internal bool IsExisting { get; set; }

        internal Exception? Error { get; set; }
    }
}
