using System.Globalization;
using System.Text.Json;
using Krewe.Definitions;
using Krewe.Flows;
using Krewe.Jobs;
using Krewe.Queues;

namespace Krewe.Schedules;

/// <summary>Turns what a caller passes into an order for a schedule, and refuses what cannot be.</summary>
internal sealed class ScheduleWriter(JobFactory factory, QueueDirectory queues, FlowCompiler compiler)
{
    /// <summary>The steps of a scheduled flow: it is stored with its schedule, and enqueued in one piece.</summary>
    private const int MaxNodes = 500;

    /// <summary>The flow that a template is compiled for; its jobs get their ids when an occurrence fires.</summary>
    private const string TemplateId = "template";

    /// <summary>Writes an order.</summary>
    /// <param name="recurrence">When it is due; null: as it was.</param>
    /// <param name="work">What it enqueues; null: as it was.</param>
    /// <param name="options">What it does beside; null: as it was.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidJobException">Something does not fit.</exception>
    internal async Task<ScheduleOrder> WriteAsync(Recurrence? recurrence, IFlowStep? work, ScheduleOptions? options, CancellationToken cancellationToken = default)
    {
        if (recurrence is not null)
        {
            Timetable.Of(recurrence);
        }

        if (options is not null)
        {
            ScheduleChecks.Options(options);
        }

        var definition = new ScheduleDefinition { Recurrence = recurrence is null ? null : StoredRecurrence.Of(recurrence), Options = options };
        var order = new ScheduleOrder { Key = NewKey(), Definition = [] };
        if (work is null)
        {
            if (options?.Enqueue?.Queue is { } queue)
            {
                await queues.GetAsync(queue, cancellationToken).ConfigureAwait(false);
            }

            return order with { Definition = ScheduleJson.Write(definition) };
        }

        if (JobOf(work, options) is not { } job)
        {
            var nodes = await CompileAsync(work as Flow ?? Chain.Of(work), options?.Flow ?? new FlowOptions(), cancellationToken).ConfigureAwait(false);
            return order with { Definition = ScheduleJson.Write(definition with { FlowTree = options?.FlowTree }), Nodes = nodes };
        }

        var enqueue = job.Options ?? options?.Enqueue;
        var own = Prepare(job, enqueue is null ? null : enqueue with { Queue = null });
        await queues.GetAsync(enqueue?.Queue ?? own.Merged.Queue, cancellationToken).ConfigureAwait(false);
        return order with { Definition = ScheduleJson.Write(definition with { Job = own.Name, Queue = own.Merged.Queue, Args = JsonElement.Parse(own.Args), Enqueue = job.Options }) };
    }

    /// <summary>Refuses what cannot be, as far as it can be told without asking anybody.</summary>
    /// <inheritdoc cref="WriteAsync"/>
    internal void Check(IFlowStep work, ScheduleOptions options)
    {
        ScheduleChecks.Options(options);
        if (JobOf(work, options) is { } job)
        {
            Prepare(job, job.Options ?? options.Enqueue);
        }
    }

    private PreparedJob Prepare(StepParts job, EnqueueOptions? enqueue) => job.Job is null ? factory.Prepare(job.Name!, job.Args, enqueue) : factory.Prepare(job.Job, enqueue);

    /// <summary>The single job that a step is; null: it is a flow, or has callbacks and so becomes one.</summary>
    /// <exception cref="InvalidJobException">It is neither, or options stand beside the wrong one.</exception>
    private static StepParts? JobOf(IFlowStep work, ScheduleOptions? options)
    {
        var job = work switch
        {
            IJob plain => StepParts.Of(plain),
            IJobStep { Parts: { } parts } when parts.Callbacks == FlowCallbacks.None => parts,
            Flow or IJobStep => null,
            _ => throw new InvalidJobException($"The work of a schedule must be a job or a flow, got {FlowTypes.Text(work.GetType())}; let it implement IJob, or make it with Chain, Group or Chord."),
        };
        if (job is null)
        {
            Refuse("Enqueue", options?.Enqueue, "a flow, whose steps have their own options");
            return null;
        }

        Refuse("Flow", options?.Flow, "a job, which has Enqueue");
        if (job.Options is not null)
        {
            Refuse("Enqueue", options?.Enqueue, "a job that has options of its own; keep one of them");
            ScheduleChecks.Options(new ScheduleOptions { Enqueue = job.Options });
        }

        return job;
    }

    private async Task<NewFlowNode[]> CompileAsync(Flow flow, FlowOptions options, CancellationToken cancellationToken)
    {
        OptionChecks.Check(options);
        var target = new FlowTarget(TemplateId) { Headers = options.Headers is { Count: > 0 } headers ? new Dictionary<string, string>(headers) : null };
        var nodes = new List<NewFlowNode>();
        await foreach (var node in compiler.CompileAsync(flow, target, cancellationToken).ConfigureAwait(false))
        {
            if (node.Job is { HasCallerId: true } own)
            {
                throw new InvalidJobException($"Id must be left out of the steps of a scheduled flow, got {Violations.Quote(own.Id)}; each occurrence has jobs of its own.");
            }

            nodes.Add(node.Job is { } job ? node with { Job = job with { TraceParent = null, TraceState = null } } : node);
            if (nodes.Count > MaxNodes)
            {
                throw new InvalidJobException(string.Create(CultureInfo.InvariantCulture, $"A scheduled flow must have at most {MaxNodes} steps, got more; schedule a job that enqueues the flow."));
            }
        }

        return [.. nodes];
    }

    private static void Refuse(string option, object? value, string beside)
    {
        if (value is not null)
        {
            throw new InvalidJobException($"{option} must be left out beside {beside}.");
        }
    }

    /// <summary>Tells a call from others.</summary>
    internal string NewKey() => factory.NewFlowId();
}
