using CsCheck;
using Krewe.Flows;
using Krewe.Jobs;
using Xunit;

namespace Krewe.Grains.Tests.Flows;

/// <summary>What is left of a flow by crashes, lost messages and calls that meet.</summary>
public sealed class FlowOwnerTests
{
    private static readonly NewFlow New = new();
    private static readonly TimeSpan AMinute = TimeSpan.FromMinutes(1);

    private readonly FlowRig _rig = new();

    [Fact]
    public async Task Redrive_WhenItsStartIsLost_IsStartedByTheNextActivation()
    {
        await AddAsync(new Chain(new Job(), new Job()));
        await EndAsync("f.1", JobState.Failed);
        _rig.Partition.Before = static () => new TaskCompletionSource().Task;
        Assert.True(await _rig.OnAsync(owner => owner.RedriveAsync()));
        await _rig.SettleAsync();

        await CrashAsync();

        Assert.Equal(["f.1", "f.1"], _rig.Partition.Started);
        Assert.Equal(2, _rig.Partition["f.1"].Run);
    }

    [Fact]
    public async Task Redrive_WhenItsAnswerIsLost_SaysTheSameAgain()
    {
        await AddAsync(new Chain(new Job()));
        Assert.False(await _rig.OnAsync(owner => owner.RedriveAsync()));
        await EndAsync("f.1", JobState.Failed);

        Assert.True(await _rig.OnAsync(owner => owner.RedriveAsync()));
        Assert.True(await _rig.OnAsync(owner => owner.RedriveAsync()));
        Assert.Equal(2, (await _rig.OpenAsync())!.Plan.Run);
    }

    [Fact]
    public async Task Redrive_WhenTheFlowIsJustBeingClosed_IsNotLost()
    {
        await AddAsync(new Chain(new Job(), new Job()));
        var kept = new TaskCompletionSource();
        _rig.Partition.BeforeKeep = () => kept.Task;
        await EndAsync("f.1", JobState.Failed);
        Assert.True(await _rig.OnAsync(owner => owner.RedriveAsync()));
        await EndAsync("f.1", JobState.Failed);

        kept.SetResult();
        await _rig.SettleAsync();

        Assert.False(_rig.Log.IsOpen);
        Assert.Equal((JobState.Failed, 2), ((await _rig.OpenAsync())!.Plan.State, (await _rig.OpenAsync())!.Plan.Run));
        Assert.NotNull((await _rig.OpenAsync())!.Settled);
        Assert.True(await _rig.OnAsync(owner => owner.RedriveAsync()));
        Assert.True(_rig.Log.IsOpen);
    }

    [Fact]
    public async Task Replacement_WhenItsResultIsGone_EndsTheJobAsFailed()
    {
        var nodes = FlowRig.Nodes(new Plan(new Chain(new Job())));
        await _rig.OnAsync(owner => owner.AddAsync(New with { ReplacesId = "default~0~p" }, 0, nodes, isLast: true));
        var end = _rig.Partition.End("f.1", JobState.Succeeded);
        _rig.Partition.Remove("f.1");

        await _rig.OnAsync(owner => owner.EndedAsync([end]));
        await _rig.SettleAsync();

        Assert.Equal((JobState.Failed, "Krewe.ResultGoneException"), (Assert.Single(_rig.Partition.ReplacedEnds).State, _rig.Partition.ReplacedEnds[0].Error!.ErrorType));
        Assert.False(_rig.Log.IsOpen);
    }

    [Fact]
    public async Task KeepUp_WhenTheClientIsGoneButItsMembersEnd_CancelsTheFlow()
    {
        var nodes = FlowRig.Nodes(new Plan(new Group(new Job(), new Job(), new Job())));
        await _rig.OnAsync(owner => owner.AddAsync(New, 0, nodes[..3], isLast: false));
        await _rig.PassAsync(TimeSpan.FromMinutes(3));
        await EndAsync("f.1", JobState.Succeeded);

        await _rig.PassAsync(TimeSpan.FromMinutes(3));

        Assert.True((await _rig.OpenAsync())!.Plan.IsCancelled);
    }

    [Fact]
    public async Task Close_WhenTheFlowHasFailed_LetsItsJobsLiveAsLongAsItCanBeRedriven()
    {
        await AddAsync(new Chain(new Job(), new Job()));
        await EndAsync("f.1", JobState.Succeeded);
        Assert.Empty(_rig.Partition.Kept);

        await EndAsync("f.2", JobState.Failed);

        Assert.Equal([("f.1", TimeSpan.FromDays(7)), ("f.2", TimeSpan.FromDays(7))], _rig.Partition.Kept);
        Assert.Equal(TimeSpan.FromDays(7), _rig.Log.Ttl);
    }

    [Fact]
    public async Task Close_WhenResultsLiveLonger_KeepsTheFlowAsLong()
    {
        var nodes = FlowRig.Nodes(new Plan(new Chain(new Job(), new Job())));
        nodes[1] = nodes[1] with { Job = nodes[1].Job! with { Settings = new JobSettings { ResultTtl = TimeSpan.FromDays(3) } } };
        await _rig.OnAsync(owner => owner.AddAsync(New, 0, nodes, isLast: true));
        await EndAsync("f.1", JobState.Succeeded);
        await CrashAsync();

        await EndAsync("f.2", JobState.Succeeded);

        Assert.Equal(TimeSpan.FromDays(3), _rig.Log.Ttl);
    }

    [Fact]
    public async Task Grow_BeforeAllHasArrived_IsAskedForLater()
    {
        var nodes = FlowRig.Nodes(new Plan(new Group(new Job(), new Job())));
        await _rig.OnAsync(owner => owner.AddAsync(New, 0, nodes[..2], isLast: false));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => _rig.OnAsync(owner => owner.GrowAsync(1, "k", Added("x"))));
        await _rig.OnAsync(owner => owner.AddAsync(New, 2, nodes[2..], isLast: true));
        await _rig.OnAsync(owner => owner.GrowAsync(1, "k", Added("x")));
        await _rig.OnAsync(owner => owner.GrowAsync(1, "k", Added("x")));
        await _rig.SettleAsync();

        Assert.Equal(["f.1", "f.2", "x"], _rig.Partition.Started);
    }

    [Fact]
    public async Task Grow_WhenTheActivationDiesBeforeTheStart_IsStartedByTheNext()
    {
        await AddAsync(new Group(new Job()));
        _rig.Partition.Before = static () => new TaskCompletionSource().Task;
        await _rig.OnAsync(owner => owner.GrowAsync(1, "k", Added("x")));

        await CrashAsync();

        Assert.Equal(["f.1", "x"], _rig.Partition.Started);
    }

    [Fact]
    public async Task Cancel_WhenAJobIsBeingStarted_CancelsItWhenItIsThere()
    {
        await AddAsync(new Chain(new Job(), new Job()));
        var gate = new TaskCompletionSource();
        _rig.Partition.Before = () => gate.Task;
        await EndAsync("f.1", JobState.Succeeded);

        Assert.True(await _rig.OnAsync(owner => owner.CancelAsync(null)));
        await _rig.SettleAsync();
        Assert.Empty(_rig.Partition.Cancelled);
        gate.SetResult();
        await _rig.SettleAsync();

        Assert.Equal(["f.2"], _rig.Partition.Cancelled);
    }

    [Fact]
    public async Task Cancel_WhenAJobWasNeverStored_EndsItAndCloses()
    {
        await AddAsync(new Chain(new Job(), new Job()));
        _rig.Partition.Before = static () => new TaskCompletionSource().Task;
        await EndAsync("f.1", JobState.Succeeded);
        await _rig.OnAsync(owner => owner.CancelAsync(null));

        await CrashAsync();

        Assert.Equal(["f.1"], _rig.Partition.Started);
        Assert.Equal((false, JobState.Cancelled), (_rig.Log.IsOpen, (await _rig.OpenAsync())!.Plan.State));
    }

    [Fact]
    public async Task Unsealed_WhenItsClientIsGone_IsCancelledAndCloses()
    {
        var nodes = FlowRig.Nodes(new Plan(new Group(new Job(), new Job())));
        _rig.Partition.Before = static () => throw new StoreUnavailableException("away");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _rig.OnAsync(owner => owner.AddAsync(New, 0, nodes[..2], isLast: false)));
        _rig.Partition.Before = static () => Task.CompletedTask;

        await _rig.PassAsync(TimeSpan.FromMinutes(6));
        await _rig.PassAsync(AMinute);

        Assert.Equal((false, JobState.Cancelled, 0), (_rig.Log.IsOpen, (await _rig.OpenAsync())!.Plan.State, _rig.Partition.Started.Count));
    }

    [Fact]
    public async Task Add_WhenAMemberHasFailedMeanwhile_TakesTheRest()
    {
        var nodes = FlowRig.Nodes(new Plan(new Group(new Job(), new Job())));
        await _rig.OnAsync(owner => owner.AddAsync(New, 0, nodes[..2], isLast: false));
        await EndAsync("f.1", JobState.Failed);

        Assert.False(await _rig.OnAsync(owner => owner.AddAsync(New, 2, nodes[2..], isLast: true)));
        await EndAsync("f.2", JobState.Succeeded);

        Assert.Equal(["f.1", "f.2"], _rig.Partition.Started);
        Assert.Equal((false, JobState.Failed), (_rig.Log.IsOpen, (await _rig.OpenAsync())!.Plan.State));
    }

    [Fact]
    public async Task Add_WhenRepeatedWhileTheSealIsNotDurable_WaitsForIt()
    {
        var (nodes, gate, appends) = (FlowRig.Nodes(new Plan(new Chain(new Job()))), new TaskCompletionSource(), 0);
        _rig.Log.Before = () => ++appends == 2 ? gate.Task : Task.CompletedTask;
        var first = _rig.OnAsync(owner => owner.AddAsync(New, 0, nodes, isLast: true));
        await _rig.SettleAsync();

        var second = _rig.OnAsync(owner => owner.AddAsync(New, 0, nodes, isLast: true));
        await _rig.SettleAsync();
        Assert.False(second.IsCompleted);
        gate.SetException(new StoreUnavailableException("away"));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => second);
        Assert.False(await _rig.OnAsync(owner => owner.AddAsync(New, 0, nodes, isLast: true)));
        Assert.Equal(["f.1"], _rig.Partition.Started);
    }

    [Fact]
    public async Task Add_WhenTwoCallsComeFirst_MakesOneFlow()
    {
        var nodes = FlowRig.Nodes(new Plan(new Chain(new Job(), new Job())));

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _rig.OnAsync(owner => owner.AddAsync(New, 0, nodes, isLast: true))));
        await EndAsync("f.1", JobState.Succeeded);

        Assert.Equal(["f.1", "f.2"], _rig.Partition.Started);
    }

    [Fact]
    public async Task Info_WhenTheEndIsNotDurable_WaitsForIt()
    {
        await AddAsync(new Chain(new Job()));
        var gate = new TaskCompletionSource();
        _rig.Log.Before = () => gate.Task;
        await EndAsync("f.1", JobState.Succeeded);

        var asked = _rig.OnAsync(async owner => await FlowViews.InfoAsync((await owner.OpenAsync())!));
        await _rig.SettleAsync();
        Assert.False(asked.IsCompleted);
        gate.SetResult();

        Assert.Equal((JobState.Succeeded, false), ((await asked).State, _rig.Log.IsOpen));
    }

    [Fact]
    public async Task Ended_WhenTheNoticeIsLost_IsFoundAfterAMinute()
    {
        await AddAsync(new Chain(new Job(), new Job()));
        _rig.Partition.End("f.1", JobState.Succeeded);

        await _rig.PassAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(["f.1"], _rig.Partition.Started);
        await _rig.PassAsync(AMinute);

        Assert.Equal(["f.1", "f.2"], _rig.Partition.Started);
    }

    [Fact]
    public async Task Ended_WhenASiloDied_IsFoundAtOnce()
    {
        await AddAsync(new Chain(new Job(), new Job()));
        _rig.Partition.End("f.1", JobState.Succeeded);
        _rig.Membership++;

        await _rig.PassAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(["f.1", "f.2"], _rig.Partition.Started);
    }

    /// <summary>Whatever the tree and wherever activations die, notices are lost and appends fail: exactly the jobs that are due run, each once, and the flow ends and closes.</summary>
    [Fact]
    public async Task Ends_WhenOneComesWhileOthersAreWritten_AreToldInTheOrderThatTheNextActivationReads()
    {
        await AddAsync(new Group(new Job(), new Job(), new Job()));
        await EndAsync("f.2", JobState.Succeeded);
        var gate = new TaskCompletionSource();
        _rig.Log.Before = () => gate.Task;
        var first = EndsAsync(0);
        await _rig.SettleAsync();
        await EndAsync("f.3", JobState.Succeeded);
        gate.SetResult();
        var told = (await first).Jobs.Select(end => end.Key).ToList();
        _rig.Partition.End("f.1", JobState.Succeeded);

        await CrashAsync();

        Assert.Equal(["default~0~f.2"], told);
        Assert.Equal(["default~0~f.1", "default~0~f.2", "default~0~f.3"], told.Concat((await EndsAsync(told.Count)).Jobs.Select(end => end.Key)).Order());
    }

    [Fact]
    public async Task Ends_WhileTheyAreWrittenForAnother_AreNotTold()
    {
        await AddAsync(new Group(new Job(), new Job()));
        await EndAsync("f.2", JobState.Succeeded);
        var gate = new TaskCompletionSource();
        _rig.Log.Before = () => gate.Task;
        var written = _rig.OnAsync(async owner => await (await owner.OpenAsync())!.FlushAsync());
        await _rig.SettleAsync();
        var told = EndsAsync(0);

        await _rig.SettleAsync();

        Assert.False(told.IsCompleted);
        gate.SetResult();
        await written;
        Assert.Equal("default~0~f.2", Assert.Single((await told).Jobs).Key);
    }

    [Fact]
    public void Flow_WhereverItIsInterrupted_RunsEachDueJobOnceAndCloses()
    {
        Gen.Select(Trees.Flow(40), Gen.Int[0, int.MaxValue]).Sample((tree, seed) => PlayAsync(tree, new Random(seed)).GetAwaiter().GetResult(), iter: 500);
    }

    private static async Task PlayAsync(Step tree, Random random)
    {
        var (rig, plan) = (new FlowRig(), new Plan(tree));
        var nodes = FlowRig.Nodes(plan);
        var outcomes = plan.Jobs.ToDictionary(job => job, _ => random.Next(10) < 8 ? JobState.Succeeded : JobState.Failed + random.Next(3));
        rig.Log.Before = () => random.Next(8) == 0 ? throw new StoreUnavailableException("away") : Task.CompletedTask;
        rig.Log.After = () => random.Next(8) == 0 ? throw new StoreUnavailableException("away, but it was written") : Task.CompletedTask;
        rig.Partition.Before = () => random.Next(8) == 0 ? throw new StoreUnavailableException("away") : Task.CompletedTask;
        while (!await TryAsync(() => rig.OnAsync(owner => owner.AddAsync(New, 0, nodes, isLast: true))))
        {
            await rig.SettleAsync();
        }

        for (var step = 0; rig.Log.IsOpen; step++)
        {
            Assert.True(step < 10_000, "The flow is stuck.");
            if (random.Next(12) == 0)
            {
                rig.Crash();
            }

            var running = await rig.OnAsync(_ => Task.FromResult(rig.Partition.Running.Select(job => job.Id).Order(StringComparer.Ordinal).ToList()));
            if (running.Count == 0 || random.Next(10) == 0)
            {
                await rig.PassAsync(AMinute * 2);
                continue;
            }

            var id = running[random.Next(running.Count)];
            var end = await rig.OnAsync(_ => Task.FromResult(rig.Partition.End(id, outcomes[rig.Partition[id].Member])));
            for (var told = random.Next(3); told > 0; told--) // Not at all, once or twice.
            {
                await TryAsync(() => rig.OnAsync(async owner =>
                {
                    await owner.EndedAsync([end]);
                    return true;
                }));
            }
        }

        var due = new HashSet<int>();
        var expected = Trees.Evaluate(plan, 0, outcomes, due);
        Assert.Equal(due.Select(job => $"f.{job}").Order(), rig.Partition.Started.Order());
        Assert.Contains((await rig.OpenAsync())!.Plan.State, expected);
    }

    private static async Task<bool> TryAsync(Func<Task> action)
    {
        try
        {
            await action();
            return true;
        }
        catch (Exception exception) when (exception is StoreUnavailableException or InvalidOperationException)
        {
            return false; // The caller repeats the call, or the flow finds out.
        }
    }

    private async Task AddAsync(Step tree)
    {
        await _rig.OnAsync(owner => owner.AddAsync(New, 0, FlowRig.Nodes(new Plan(tree)), isLast: true));
        await _rig.SettleAsync();
    }

    private Task<MemberEnds> EndsAsync(int after) => _rig.OnAsync(async owner => await FlowViews.EndsAsync((await owner.OpenAsync())!, after));

    private async Task EndAsync(string id, JobState state)
    {
        var end = _rig.Partition.End(id, state);
        await _rig.OnAsync(owner => owner.EndedAsync([end]));
        await _rig.SettleAsync();
    }

    /// <summary>The activation dies, the partition answers again, and the flow is read anew.</summary>
    private async Task CrashAsync()
    {
        _rig.Crash();
        _rig.Partition.Before = static () => Task.CompletedTask;
        await _rig.PassAsync(AMinute);
    }

    private static NewFlowNode[] Added(string id) => [new() { Kind = FlowNodeKind.Job, Queue = "default", Job = FlowRig.Job(id) }];
}
