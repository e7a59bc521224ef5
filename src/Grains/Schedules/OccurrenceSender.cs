using Krewe.Flows;
using Krewe.Jobs;
using Krewe.Queues;
using Orleans.Serialization;

namespace Krewe.Schedules;

/// <summary>Enqueues what a schedule is for.</summary>
internal interface IOccurrenceSender
{
    /// <summary>Enqueues an occurrence; it is durable when the call returns. Repeating it enqueues nothing more.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="id">The occurrence's; see <see cref="OccurrenceIds"/>.</param>
    /// <param name="due">When it was due.</param>
    /// <returns>The full id of its job, or the id of its flow, and whether it was there.</returns>
    Task<(string Id, bool IsExisting)> SendAsync(ScheduleRecord schedule, string id, DateTimeOffset due);

    /// <summary>Whether a job or flow is final, or gone.</summary>
    Task<bool> HasEndedAsync(string jobOrFlowId);

    /// <summary>Asks a job or flow to cancel.</summary>
    Task CancelAsync(string jobOrFlowId, string reason);
}

/// <inheritdoc cref="IOccurrenceSender"/>
/// <remarks>Questions are given up early: others wait behind the schedule, what is due stays due, and it is tried again. What was sent is waited for: it may be stored late, and the schedule must know of it.</remarks>
internal sealed class OccurrenceSender(IJobClient jobs, QueueDirectory queues, FlowGrains flows, Serializer<NewFlowNode[]> nodes, TimeProvider time) : IOccurrenceSender
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    public async Task<(string Id, bool IsExisting)> SendAsync(ScheduleRecord schedule, string id, DateTimeOffset due)
    {
        var definition = schedule.Definition;
        if (definition.Job is not { } name)
        {
            return await SendFlowAsync(schedule, id, due);
        }

        var enqueue = definition.Options!.Enqueue ?? new EnqueueOptions();
        try
        {
            var handle = await jobs.EnqueueAsync(name, definition.Args!.Value, enqueue with { Id = id, Queue = enqueue.Queue ?? definition.Queue, Headers = ScheduleHeaders.On(enqueue.Headers, schedule.Id, due) });
            return (handle.Id, handle.IsExisting);
        }
        catch (JobIdConflictException conflict)
        {
            return (conflict.JobId, true); // The occurrence was enqueued before somebody changed the args.
        }
    }

    public async Task<bool> HasEndedAsync(string jobOrFlowId)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        var state = IsFlow(jobOrFlowId) ? (await jobs.GetFlow(jobOrFlowId).GetInfoAsync(limit.Token))?.State : (await jobs.GetHandle(jobOrFlowId).GetInfoAsync(limit.Token))?.State;
        return state?.IsFinal() ?? true;
    }

    public async Task CancelAsync(string jobOrFlowId, string reason)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        await (IsFlow(jobOrFlowId)
            ? flows.AskAsync(jobOrFlowId, grain => grain.CancelAsync(reason), RetriedCall.WriteBudget, limit.Token)
            : jobs.GetHandle(jobOrFlowId).CancelAsync(limit.Token));
    }

    private async Task<(string Id, bool IsExisting)> SendFlowAsync(ScheduleRecord schedule, string id, DateTimeOffset due)
    {
        var template = nodes.Deserialize(schedule.Definition.Flow!)!;
        for (var index = 0; index < template.Length; index++)
        {
            if (template[index] is { Job: { } job } node)
            {
                var queue = await queues.GetAsync(node.Queue!, CancellationToken.None);
                var memberId = FlowIds.MemberId(id, job.Member);
                template[index] = node with
                {
                    Partition = JobKeys.PartitionOf(memberId, queue.Partitions.Count),
                    Job = job with { Id = memberId, FlowId = id, Headers = ScheduleHeaders.On(job.Headers, schedule.Id, due) },
                };
            }
        }

        var options = schedule.Definition.Options!.Flow;
        var flow = new NewFlow { Name = options?.Name, CancelsOnFailure = options?.CancelOnFailure ?? false, IsOwed = true }; // A refusal cancels a flow, and this one has but this id.
        var isThere = await flows.AskAsync(id, grain => grain.AddAsync(flow, 0, template, isLast: true), RetriedCall.WriteBudget, CancellationToken.None);
        return (id, isThere);
    }

    private static bool IsFlow(string id) => !id.Contains('~', StringComparison.Ordinal);
}
