using Krewe.Execution;
using Krewe.Jobs;
using Xunit;

namespace Krewe.Grains.Tests.Execution;

public sealed class JobRunnerFlowTests : IAsyncDisposable
{
    private readonly ExecutionRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task RunAsync_WhenTheFlowHasAnInput_TheHandlerReadsIt()
    {
        _rig.Flows.Input = static () => "[1,2]"u8.ToArray();
        int[] input = [];

        var outcome = await RunMemberAsync((context, _) =>
        {
            input = context.HasInput ? context.Input<int[]>()! : [];
            return Task.FromResult<object?>(context.FlowId);
        });

        Assert.Equal(OutcomeKind.Succeeded, outcome.Kind);
        Assert.Equal([1, 2], input);
    }

    [Fact]
    public async Task RunAsync_WhenTheInputIsGone_FailsForGood()
    {
        _rig.Flows.Input = static () => throw new ResultGoneException("default~0~f.1", isKnown: true);

        var outcome = await RunMemberAsync((_, _) => Task.FromResult<object?>("never"));

        Assert.Equal((OutcomeKind.Failed, false, "Krewe.ResultGoneException"), (outcome.Kind, outcome.Error!.IsRetryable, outcome.Error.Type));
    }

    [Fact]
    public async Task RunAsync_WhenTheStepBeforeHasNoResult_TheInputIsDefault()
    {
        _rig.Flows.Input = static () => "null"u8.ToArray();
        (bool, int, string?)? input = null;

        var outcome = await RunMemberAsync((context, _) => Task.FromResult<object?>(input = (context.HasInput, context.Input<int>(), context.Input<string>())));

        Assert.Equal(OutcomeKind.Succeeded, outcome.Kind);
        Assert.Equal((true, 0, null), input);
    }

    [Fact]
    public async Task RunAsync_WhenTheInputDoesNotFit_Fails()
    {
        _rig.Flows.Input = static () => "\"text\""u8.ToArray();

        var outcome = await RunMemberAsync((context, _) => Task.FromResult<object?>(context.Input<int>()));

        Assert.Equal((OutcomeKind.Failed, "Krewe.ResultTypeException"), (outcome.Kind, outcome.Error!.Type));
    }

    [Fact]
    public async Task RunAsync_WhenTheJobIsReplaced_TellsTheFlow()
    {
        var outcome = await RunMemberAsync((context, _) => throw context.ReplaceWith(Chain.Of(Chain.Of(Group.Of()))));

        Assert.Equal((OutcomeKind.Replaced, "flow.r1"), (outcome.Kind, outcome.FlowId));
        Assert.IsAssignableFrom<Flow>(Assert.Single(_rig.Flows.Asked));
    }

    [Fact]
    public async Task RunAsync_WhenTheReplacementCannotWork_Fails()
    {
        _rig.Flows.Replacement = static () => throw new InvalidJobException("It cannot work.");

        var outcome = await RunMemberAsync((context, _) => throw context.ReplaceWith(Chain.Of(Group.Of())));

        Assert.Equal((OutcomeKind.Failed, "It cannot work."), (outcome.Kind, outcome.Error!.Message));
    }

    [Fact]
    public async Task RunAsync_WhenAnAdditionFails_DoesNotSucceed()
    {
        _rig.Flows.Growth = static () => Task.FromException(new InvalidJobException("It is in no group."));

        var outcome = await RunMemberAsync((context, cancellationToken) =>
        {
            _ = context.AddToGroup();
            _ = context.AddToGroup();
            return Task.FromResult<object?>("done");
        });

        Assert.Equal((OutcomeKind.Failed, "It is in no group."), (outcome.Kind, outcome.Error!.Message));
        Assert.Equal([(0, 0), (1, 0)], _rig.Flows.Asked.Cast<(int, int)>());
    }

    [Fact]
    public async Task RunAsync_WhenAnAdditionFailsAndTheJobIsReplaced_IsNotReplaced()
    {
        _rig.Flows.Growth = static () => Task.FromException(new InvalidJobException("It is in no group."));

        var outcome = await RunMemberAsync((context, cancellationToken) =>
        {
            _ = context.AddToGroup();
            throw context.ReplaceWith(Chain.Of(Group.Of()));
        });

        Assert.Equal((OutcomeKind.Failed, "It is in no group."), (outcome.Kind, outcome.Error!.Message));
        Assert.Equal([(0, 0)], _rig.Flows.Asked.Cast<(int, int)>());
    }

    private Task<AttemptOutcome> RunMemberAsync(Func<JobContext, CancellationToken, Task<object?>> body)
    {
        _rig.Script.Body = body;
        return _rig.RunAsync(ExecutionRig.Claimed(new JobRecord { Id = "f.1", Name = "test.scripted", Args = "{}"u8.ToArray(), IsMerged = true, FlowId = "f", Member = 1, Run = 1, HasInput = true }));
    }
}
