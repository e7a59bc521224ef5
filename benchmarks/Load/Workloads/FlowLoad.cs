using Krewe.Load.Jobs;

namespace Krewe.Load.Workloads;

/// <summary>The flows of the benchmark, of the same no-op jobs as everything else.</summary>
internal static class FlowLoad
{
    private const int WarmUpChords = 100;
    private const int WarmUpMembers = 10;
    private const int WarmUpSteps = 20;
    private const int LongWarmUpMembers = 1_000;
    private const int LongWarmUps = 5;

    /// <summary>A silo as every run has it, that has also run 100 chords of 10, five of 1,000 (fewer where the run itself is smaller) and ten chains of 20.</summary>
    internal static async Task<LoadSilo> StartWarmSiloAsync(LoadRun run)
    {
        var silo = await run.StartWarmSiloAsync();
        try
        {
            var chords = Enumerable.Range(0, WarmUpChords).Select(_ => ChordOf(run, WarmUpMembers));
            var longer = Enumerable.Range(0, LongWarmUps).Select(_ => ChordOf(run, Math.Min(LongWarmUpMembers, run.Jobs)));
            var chains = Enumerable.Range(0, WarmUpChords / WarmUpMembers).Select(_ => ChainOf(run, WarmUpSteps));
            foreach (var flows in (IEnumerable<Flow<int>>[])[chords, longer, chains])
            {
                await RequireSucceededAsync(run, silo, await EnqueueAsync(run, silo, flows));
            }

            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    /// <summary>A chord of no-op members, made while they are sent.</summary>
    internal static Chord<int> ChordOf(LoadRun run, int members) => Chord.Of(Members(run, members)).Then(new Tally(members));

    /// <summary>A chain of no-op steps.</summary>
    internal static Chain<int> ChainOf(LoadRun run, int steps) => Members(run, steps - 1).Aggregate(Chain.Of(Member(run, 0)), static (chain, step) => chain.Then(step));

    /// <summary>Chords in chords: each is a member of the one around it, beside as many jobs on every level as the number asks for.</summary>
    /// <param name="run">The run.</param> <param name="jobs">Of the whole flow, bodies included; at least one a level.</param> <param name="levels">One chord each.</param>
    internal static Chord<int> NestedOf(LoadRun run, int jobs, int levels)
    {
        Chord<int>? inner = null;
        for (var level = levels; level > 0; level--)
        {
            var beside = ((jobs - levels) / levels) + (level <= (jobs - levels) % levels ? 1 : 0);
            inner = inner is null ? ChordOf(run, beside) : Chord.Of<int>(Members(run, beside).Cast<IFlowStep<int>>().Prepend(inner)).Then(new Tally(beside + 1));
        }

        return inner!;
    }

    /// <summary>Enqueues flows, all at once.</summary>
    internal static Task<FlowHandle<int>[]> EnqueueAsync(LoadRun run, LoadSilo silo, IEnumerable<Flow<int>> flows) =>
        Task.WhenAll(flows.Select(flow => Task.Run(() => silo.Client.EnqueueAsync(flow, cancellationToken: run.CancellationToken))));

    /// <summary>Fails unless each flow succeeded.</summary>
    internal static async Task RequireSucceededAsync(LoadRun run, LoadSilo silo, IReadOnlyCollection<FlowHandle> flows)
    {
        var states = Task.WhenAll(flows.Select(flow => flow.WaitAsync(cancellationToken: run.CancellationToken)));
        await silo.AwaitAsync(states, "the flows are final", run.CancellationToken);
        if ((await states).Count(static state => state != JobState.Succeeded) is > 0 and var others)
        {
            throw new InvalidOperationException($"Every flow must succeed, got {others} of {flows.Count} that did not; the figure is void.");
        }
    }

    /// <summary>Fails unless so many bodies have run, no more and no fewer.</summary>
    internal static void RequireBodies(LoadSilo silo, int before, int expected)
    {
        if (silo.Ledger.Bodies - before is var bodies && bodies != expected)
        {
            throw new InvalidOperationException($"Each body must run once, {expected} in all, got {bodies}; the figure is void.");
        }
    }

    private static IEnumerable<NoOp> Members(LoadRun run, int members) => Enumerable.Range(0, members).Select(number => Member(run, number));

    private static NoOp Member(LoadRun run, int number) => NoOp.Of(number, run.Time.GetTimestamp());
}
