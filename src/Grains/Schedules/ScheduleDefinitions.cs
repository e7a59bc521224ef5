using Krewe.Flows;
using Krewe.Queues;
using Krewe.Storage;
using Orleans.Serialization;

namespace Krewe.Schedules;

/// <summary>Makes whole definitions of orders.</summary>
internal interface IScheduleDefinitions
{
    /// <summary>What an order means on top of what there is.</summary>
    /// <param name="known">What there is; null: nothing.</param>
    /// <param name="order">The order.</param>
    /// <exception cref="UnknownJobException">No silo ever declared one of its jobs.</exception>
    /// <exception cref="InvalidJobException">Its parts do not go together.</exception>
    ValueTask<ScheduleDefinition> CompleteAsync(ScheduleDefinition? known, ScheduleOrder order);
}

/// <inheritdoc cref="IScheduleDefinitions"/>
internal sealed class ScheduleDefinitions(IJobStore store, Serializer<NewFlowNode[]> serializer) : IScheduleDefinitions
{
    public async ValueTask<ScheduleDefinition> CompleteAsync(ScheduleDefinition? known, ScheduleOrder order)
    {
        var said = ScheduleJson.Read<ScheduleDefinition>(order.Definition);
        foreach (var name in order.Nodes?.Select(static node => node.Job?.Name).OfType<string>().Distinct() ?? (said.Job is { } job ? [job] : []))
        {
            if (!await store.IsNameDeclaredAsync(name, CatalogueGrain.NameLifetime))
            {
                throw new UnknownJobException(name);
            }
        }

        return Merge(known, said, order.Nodes is null ? null : serializer.SerializeToArray(order.Nodes));
    }

    /// <summary>What is said on top of what there is. Pure.</summary>
    /// <param name="known">What there is; null: nothing.</param>
    /// <param name="said">What an order says.</param>
    /// <param name="flow">The flow that it brings; null: none.</param>
    /// <exception cref="InvalidJobException">Its parts do not go together.</exception>
    internal static ScheduleDefinition Merge(ScheduleDefinition? known, ScheduleDefinition said, byte[]? flow)
    {
        var options = said.Options ?? known?.Options ?? new ScheduleOptions();
        var whole = said with
        {
            Recurrence = said.Recurrence ?? known?.Recurrence ?? throw new InvalidJobException("A schedule must have one of cron, every, at and solar, got none."),
            Options = said.Enqueue is null ? options : options with { Enqueue = said.Enqueue },
            Enqueue = null,
            Unknown = known?.Unknown,
            Flow = flow,
        };
        if (said.Job is null && flow is null)
        {
            whole = whole with { Job = known?.Job, Args = known?.Args, Queue = known?.Queue, Flow = known?.Flow, FlowTree = known?.FlowTree };
        }

        return whole switch
        {
            { Job: null, Flow: null } => throw new InvalidJobException("A schedule must have a job or a flow, got none."),
            { Job: null, Options.Enqueue: not null } => throw new InvalidJobException("Enqueue must be left out beside a flow, whose steps have their own options."),
            { Job: not null, Options.Flow: not null } => throw new InvalidJobException("Flow must be left out beside a job, which has Enqueue."),
            _ => whole,
        };
    }
}
