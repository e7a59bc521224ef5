using System.Globalization;
using Krewe.Definitions;
using Krewe.Jobs;
using Krewe.Queues;

namespace Krewe.Flows;

/// <summary>What the makers of all flows share; one per process.</summary>
internal sealed record FlowParts(JobFactory Factory, QueueDirectory Queues, FlowTypes Types);

/// <summary>Makes nodes out of the steps of one flow, one after the other, and refuses what cannot work. Not thread-safe.</summary>
internal sealed class FlowNodeMaker(FlowParts parts, FlowTarget target)
{
    internal const int MaxJobs = 1_000_000;

    /// <summary>Flows without jobs count as well, or a generator of empty groups would never end.</summary>
    internal const int MaxNodes = 2 * MaxJobs;

    internal const int MaxLevels = 64;

    private static readonly EnqueueOptions NoOptions = new();

    private readonly HashSet<(string Queue, string Id)> _ownIds = [];
    private int _nodes;
    private int _jobs;

    /// <summary>How many nodes were made.</summary>
    internal int Count => _nodes;

    /// <summary>The next node.</summary>
    /// <param name="child">The step.</param>
    /// <param name="parent">The index of its parent; -1: it is the root.</param>
    /// <param name="cancellationToken">Gives up to ask for queues.</param>
    /// <exception cref="InvalidJobException">It cannot work; the message names its place.</exception>
    internal async ValueTask<NewFlowNode> MakeAsync(FlowChild child, int parent, CancellationToken cancellationToken)
    {
        if (_nodes == MaxNodes)
        {
            throw child.Place.Refused(string.Create(CultureInfo.InvariantCulture, $"a flow must have at most {MaxNodes:N0} jobs, chains, groups and chords, got more; split it into several flows."));
        }

        var node = child.Step switch
        {
            null => throw child.Place.Refused("a step must be a job or a flow, got null; leave it out."),
            Flow flow => OfFlow(flow, child),
            IJob job => await OfJobAsync(StepParts.Of(job), child, cancellationToken).ConfigureAwait(false),
            IJobStep step => await OfJobAsync(step.Parts, child, cancellationToken).ConfigureAwait(false),
            _ => throw child.Place.Refused($"a step must be a job or a flow, got {FlowTypes.Text(child.Step.GetType())}; let it implement IJob, or make it with Chain, Group or Chord."),
        };
        _nodes++;
        return node with { Parent = parent, Role = child.Role };
    }

    private static NewFlowNode OfFlow(Flow flow, FlowChild child)
    {
        CheckLevel(child);
        var shape = flow.Shape;
        if (shape is GroupShape { Members.Count: > MaxJobs and var count })
        {
            throw TooManyJobs(child.Place, count.ToString("N0", CultureInfo.InvariantCulture));
        }

        return new NewFlowNode
        {
            Kind = shape switch
            {
                ChainShape => FlowNodeKind.Chain,
                GroupShape => FlowNodeKind.Group,
                _ => FlowNodeKind.Chord,
            },
        };
    }

    private async ValueTask<NewFlowNode> OfJobAsync(StepParts step, FlowChild child, CancellationToken cancellationToken)
    {
        if (step.Callbacks != FlowCallbacks.None)
        {
            CheckLevel(child);
        }

        if (++_jobs > MaxJobs)
        {
            throw TooManyJobs(child.Place, "more");
        }

        try
        {
            var headers = CheckedHeaders(step.Options);
            var prepared = step.Job is null ? parts.Factory.Prepare(step.Name!, step.Args, step.Options) : parts.Factory.Prepare(step.Job, step.Options);
            if (parts.Types.Misfit(step, child.Input) is { } misfit)
            {
                throw new InvalidJobException(misfit);
            }

            var queue = await parts.Queues.GetAsync(prepared.Merged.Queue, target.IsPatient, cancellationToken).ConfigureAwait(false);
            return Complete(prepared, step.Options, headers, queue);
        }
        catch (InvalidJobException exception)
        {
            throw child.Place.Refused(exception.Message, exception.InnerException);
        }
        catch (PayloadTooLargeException exception)
        {
            throw new PayloadTooLargeException($"At {child.Place}: args", exception.Bytes, exception.LimitBytes);
        }
        catch (UnknownQueueException exception)
        {
            throw new UnknownQueueException(exception.Queue, child.Place.ToString());
        }
    }

    private NewFlowNode Complete(PreparedJob prepared, EnqueueOptions? options, IReadOnlyDictionary<string, string>? headers, KnownQueue queue)
    {
        var id = options?.Id is { } own ? Checked(own, queue.Name) : FlowIds.MemberId(target.FlowId, _nodes);
        var partition = JobKeys.PartitionOf(id, queue.Partitions.Count);
        var job = parts.Factory.Complete(prepared, (options ?? NoOptions) with { Id = id, Headers = null }, partition, queue.Partitions.Count, target.ParentId);
        return new NewFlowNode
        {
            Kind = FlowNodeKind.Job,
            Queue = queue.Name,
            Partition = partition,
            Job = job with { HasCallerId = options?.Id is not null, Headers = headers, FlowId = target.FlowId, Member = _nodes, Run = 1 },
        };
    }

    /// <summary>A step's own id, which no other job of the flow may have.</summary>
    private string Checked(string id, string queue)
    {
        if (FlowIds.TryParseMember(id, out var flowId, out _) && flowId == target.FlowId)
        {
            throw new InvalidJobException($"Id must not be the flow's id with a number, got {Violations.Quote(id)}, as the flow names its jobs so; use another id.");
        }

        return _ownIds.Add((queue, id))
            ? id
            : throw new InvalidJobException($"Id must be used once in a flow and queue, got {Violations.Quote(id)} a second time; give each step its own, or leave it out.");
    }

    /// <summary>The flow's headers with the step's on top.</summary>
    private IReadOnlyDictionary<string, string>? CheckedHeaders(EnqueueOptions? options)
    {
        if (options is null)
        {
            return target.Headers;
        }

        OptionChecks.Check(options);
        if (options.UniqueKey is not null)
        {
            throw new InvalidJobException($"UniqueKey must be left out of a step, got {Violations.Quote(options.UniqueKey)}, as the ids of a flow are fixed; set FlowOptions.Id or the step's Id.");
        }

        if (options.Headers is not { Count: > 0 } own)
        {
            return target.Headers;
        }

        var headers = new Dictionary<string, string>(target.Headers ?? own);
        foreach (var (name, value) in own)
        {
            headers[name] = value;
        }

        OptionChecks.Check(new EnqueueOptions { Headers = headers });
        return headers;
    }

    private static void CheckLevel(FlowChild child)
    {
        if (child.Level > MaxLevels)
        {
            throw TooDeep(child.Place);
        }
    }

    internal static InvalidJobException TooDeep(FlowPlace place) =>
        place.Refused($"a flow must have at most {MaxLevels} levels, got more; flatten it, or let one of its jobs enqueue the rest as a flow of its own.");

    internal static InvalidJobException TooManyJobs(FlowPlace place, string got) => place.Refused(string.Create(
        CultureInfo.InvariantCulture, $"a flow must have at most {MaxJobs:N0} jobs, got {got}; split it into several flows, or give each job more to do."));
}
