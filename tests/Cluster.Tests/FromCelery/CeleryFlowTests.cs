using System.Collections.Concurrent;
using System.Text.Json;
using Krewe.Cluster.Tests.Fixtures;
using Krewe.Testing;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.FromCelery;

/// <summary>What Celery's users rely on of chains, groups and chords, on both stores; the table in <c>docs/from-celery.md</c> names these tests.</summary>
public abstract partial class CeleryFlowTests(SharedKrewe krewe) : KreweTests(krewe)
{
    /// <summary>What the jobs of one test noted, in order.</summary>
    private readonly ConcurrentQueue<string> _notes = new();

    /// <summary>A job that notes this.</summary>
    private Scripted Note(string text) => Scripts.Add(_ => Noted(text));

    /// <summary>An error callback that notes the id of the member that it is called for.</summary>
    private Scripted NoteError() => Scripts.Add(context => Noted(context.Input<FlowError>()!.JobId));

    private string Noted(string text)
    {
        _notes.Enqueue(text);
        return text;
    }

    /// <summary>A step that a job or a flow takes the place of.</summary>
    private Scripted ReplacedBy(IFlowStep replacement) => Scripts.Add(context => throw context.ReplaceWith(replacement));

    private static Chain<object?> ChainOf(params IFlowStep[] steps) => steps[1..].Aggregate(Chain.Of(steps[0]), (chain, step) => chain.Then(step));

    private static IEnumerable<T> Times<T>(int count, T step) => Enumerable.Repeat(step, count);

    private Task<FlowHandle> EnqueueAsync(Flow flow, FlowOptions? options = null) => Jobs.EnqueueAsync(flow, options, Cancellation);

    /// <summary>Runs a flow; gives its result as JSON.</summary>
    private async Task<string> ResultAsync(Flow flow) => await ResultAsync(await EnqueueAsync(flow));

    private static async Task<string> ResultAsync(FlowHandle flow) => (await flow.GetResultAsync<JsonElement>(Some.Timeout, Cancellation)).GetRawText();

    /// <summary>Waits until a flow has failed and nothing of it runs any more.</summary>
    private async Task<JobFailedException> FailureAsync(FlowHandle flow)
    {
        var failed = await Assert.ThrowsAsync<JobFailedException>(() => ResultAsync(flow));
        await QuietAsync(flow);
        return failed;
    }

    /// <summary>Waits until every job of a flow has ended, callbacks included, and those of the flows that took a job's place.</summary>
    private async Task QuietAsync(FlowHandle flow)
    {
        await foreach (var job in flow.EndedMembersAsync(Cancellation))
        {
            var replacement = ReplacementOf(job);
            if (await replacement.GetInfoAsync(Cancellation) is not null)
            {
                await QuietAsync(replacement);
            }
        }
    }

    /// <summary>The flow that took the place of a flow's job in its first attempt.</summary>
    private FlowHandle ReplacementOf(JobHandle job) => Jobs.GetFlow($"{job.Id.Split('~')[2]}.r1-0");

    /// <summary>The jobs of a flow, by their place in it.</summary>
    private async Task<List<JobHandle>> JobsOfAsync(FlowHandle flow)
    {
        var jobs = new List<JobHandle>();
        await foreach (var node in flow.GetNodesAsync(Cancellation))
        {
            if (node.JobId is { } id)
            {
                jobs.Add(Jobs.GetHandle(id));
            }
        }

        return jobs;
    }
}

[Collection(SqliteGroup.Name)]
public sealed class SqliteCeleryFlowTests(SqliteKrewe krewe) : CeleryFlowTests(krewe);

[Collection(RedisGroup.Name)]
public sealed class RedisCeleryFlowTests(RedisKrewe krewe) : CeleryFlowTests(krewe);
