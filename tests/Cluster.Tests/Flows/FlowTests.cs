using System.Collections.Concurrent;
using Krewe.Cluster.Tests.Fixtures;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.Flows;

/// <summary>Chains, groups and chords, on both stores.</summary>
public abstract class FlowTests(SharedKrewe krewe) : KreweTests(krewe)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Chain_WhenEachStepAdds_HandsTheResultOn() =>
        Assert.Equal(32, await ResultAsync(Chain.Of(new Add(8)).Then(new Add(8)).Then(new Add(16))));

    [Fact]
    public async Task Chain_WhenItHasOneStepOrIsNested_Works() =>
        Assert.Equal((7, 7), (await ResultAsync(Chain.Of(new Add(7))), await ResultAsync(Chain.Of(Chain.Of(new Add(7))))));

    [Fact]
    public async Task Group_WhenItsMembersAreFlows_GivesResultsInOrderOfDefinition()
    {
        var results = await ResultAsync(Group.Of(Group.Of(new Add(1)), Group.Of<int>(new Add(2), Chain.Of(new Add(2)).Then(new Add(3)))));

        Assert.Equal([[1], [2, 5]], results);
    }

    [Fact]
    public async Task Group_WhenItFollowsAStep_GivesEachMemberItsResult()
    {
        var results = await ResultAsync(Chain.Of(new Add(10)).Then(Group.Of(Chain.Of(new Add(3)).Then(new Add(1)), Chain.Of(new Add(5)))));

        Assert.Equal([14, 15], results);
    }

    [Fact]
    public async Task Chord_WhenAllMembersSucceed_GivesTheBodyTheirResultsInOrder() =>
        Assert.Equal("[0,1,2,3,4,5,6,7,8,9]", await ResultAsync(Chord.Of(Enumerable.Range(0, 10).Select(number => new Add(number))).Then(new Tell())));

    [Fact]
    public async Task Chord_WhenTheHeaderIsOneOrNone_GivesTheBodyAnArray()
    {
        Assert.Equal("[5]", await ResultAsync(Chord.Of(new Add(5)).Then(new Tell())));
        Assert.Equal("[]", await ResultAsync(Chord.Of(Array.Empty<Add>()).Then(new Tell())));
        Assert.Equal("[5]", await ResultAsync(Chain.Of(Group.Of(new Add(5))).Then(new Tell())));
    }

    [Fact]
    public async Task Chord_WhenChordsAreNested_GivesTheDocumentedSums()
    {
        var innermost = Chord.Of(new Add(1), new Add(2)).Then(new Sum());
        var middle = Chord.Of<int>(innermost, new Add(10)).Then(new Sum());
        var outer = Chord.Of<int>(middle, Chain.Of(new Add(100)).Then(new Add(100)), Chain.Of(Group.Of(new Add(1), new Add(1))).Then(new Sum())).Then(new Sum());

        Assert.Equal(3 + 10 + 200 + 2, await ResultAsync(outer));
    }

    [Fact]
    public async Task Chord_WhenTheHeaderIsLazy_StartsBeforeItHasAllArrived()
    {
        var started = new Gate();
        var first = Scripts.Add(async (_, token) =>
        {
            await started.PassAsync(token);
            return "first";
        });

        async IAsyncEnumerable<IFlowStep<string?>> Header()
        {
            yield return first;
            for (var i = 0; i < 600; i++) // More than one piece.
            {
                yield return Scripts.Add(_ => "more");
            }

            await started.ArrivedAsync();
            started.Open();
            yield return Scripts.Add(_ => "last");
        }

        var results = await (await Jobs.EnqueueAsync(Group.Of(Header()), cancellationToken: Cancellation)).GetResultAsync(Patience, Cancellation);

        Assert.Equal((602, "first", "last"), (results.Length, results[0], results[^1]));
    }

    [Fact]
    public async Task Chord_WhenItHasAThousandMembers_SumsThem() =>
        Assert.Equal(499_500, await ResultAsync(Chord.Of(Enumerable.Range(0, 1_000).Select(number => new Add(number))).Then(new Sum())));

    [Fact]
    public async Task Chain_WhenAThousandMembersFollowAStep_AllGetItsResult() =>
        Assert.Equal(1_000, await ResultAsync(Chain.Of(new Add(1)).Then(Group.Of(Enumerable.Range(0, 1_000).Select(_ => new Add(0)))).Then(new Sum())));

    [Fact]
    public async Task Header_WhenAMemberFails_NeverRunsTheBodyAndCallsTheErrorCallbackOnce()
    {
        var bodies = 0;
        var errors = new ConcurrentQueue<FlowError>();
        var flow = Chord.Of(new Add(1), new Break("no"), new Break("neither")).Then(Scripts.Add(_ => $"{Interlocked.Increment(ref bodies)}"))
            .OnError(Scripts.Add(context => Noted(errors, context.Input<FlowError>()!)));

        var handle = await Jobs.EnqueueAsync(flow, cancellationToken: Cancellation);
        var failed = await Assert.ThrowsAsync<JobFailedException>(() => handle.GetResultAsync(Patience, Cancellation));

        await QuietAsync(handle);
        Assert.StartsWith("System.InvalidOperationException", failed.ErrorType, StringComparison.Ordinal);
        Assert.Equal((0, 1), (bodies, errors.Count));
        var info = (await handle.GetInfoAsync(Cancellation))!;
        Assert.Equal((JobState.Failed, errors.First()), (info.State, info.Error));
        Assert.Equal((2, 2, 1, 5), (info.Counts.Succeeded, info.Counts.Failed, info.Counts.Cancelled, info.Counts.Total)); // One of two that succeeded is the callback.
    }

    [Fact]
    public async Task Chain_WhenTheMiddleFails_CancelsTheRestAndRaisesItsError()
    {
        var handle = await Jobs.EnqueueAsync(Chain.Of(new Add(1)).Then(new Break("middle")).Then(new Add(1)), cancellationToken: Cancellation);

        var failed = await Assert.ThrowsAsync<JobFailedException>(() => handle.GetResultAsync(Patience, Cancellation));

        Assert.Equal("middle", failed.ErrorMessage);
        Assert.Equal([JobState.Failed, JobState.Succeeded, JobState.Failed, JobState.Cancelled], await StatesAsync(handle));
    }

    [Fact]
    public async Task Callbacks_WhenNodesEnd_RunOnceEach()
    {
        var calls = new ConcurrentQueue<string>();
        IFlowStep Note(string what) => Scripts.Add(context => Noted(calls, $"{what} {context.Input<System.Text.Json.JsonElement>().GetRawText()}"));
        var flow = Chain.Of(new Add(1).OnSuccess(Note("step")).OnError(Note("never"))).Then(Group.Of<int>(new Add(1), new Add(2).OnSuccess(Note("member"))).OnSuccess(Note("group"))).OnSuccess(Note("flow"));

        var handle = await Jobs.EnqueueAsync(flow, cancellationToken: Cancellation);
        await handle.GetResultAsync(Patience, Cancellation);

        await QuietAsync(handle);
        Assert.Equal(["flow [2,3]", "group [2,3]", "member 3", "step 1"], calls.Order());
    }

    [Fact]
    public async Task Member_WhenItRetries_IsRetriedBeforeTheFlowHearsOfIt()
    {
        var flaky = Scripts.Add(context => context.Attempt < 3 ? throw new TimeoutException() : "done");
        var flow = Chain.Of(flaky.With(new EnqueueOptions { MaxRetries = 3, Retry = AtOnce })).Then(new Tell());

        Assert.Equal("\"done\"", await ResultAsync(flow));
    }

    [Fact]
    public async Task ReplaceWith_WhenAStepThrowsAFlow_TakesItsPlaceItsResultAndItsCallbacks()
    {
        var calls = new ConcurrentQueue<string>();
        var replaced = Scripts.Add(context => throw context.ReplaceWith(Chain.Of(new Add(20)).Then(new Add(22))));
        var flow = Chain.Of(replaced.OnSuccess(Scripts.Add(context => Noted(calls, $"{context.Input<int>()}")))).Then(new Add(1));

        var handle = await Jobs.EnqueueAsync(flow, cancellationToken: Cancellation);

        Assert.Equal(43, await handle.GetResultAsync(Patience, Cancellation));
        await QuietAsync(handle);
        Assert.Equal(["42"], calls);
    }

    [Fact]
    public async Task Step_WhenItsResultIsIgnored_HandsNothingOn()
    {
        var ignored = new EnqueueOptions { IgnoreResult = true };
        var replaced = Scripts.Add(context => throw context.ReplaceWith(new Add(7)));

        Assert.Equal(1, await ResultAsync(Chain.Of(new Add(42).With(ignored)).Then(new Add(1))));
        Assert.Equal(0, await ResultAsync(Chain.Of(new Add(1)).Then(new Add(42).With(ignored))));
        Assert.Equal("[null,null]", await ResultAsync(Chord.Of<string?>(replaced.With(ignored), Scripts.Add(_ => "never").With(ignored)).Then(new Tell())));
    }

    [Fact]
    public async Task ReplaceWith_WhenTheJobIsAlone_ItsHandleGivesTheResult()
    {
        var handle = await EnqueueAsync(Scripts.Add(context => throw context.ReplaceWith(Group.Of(new Add(1), new Add(2)))));

        var results = await handle.GetResultAsync<int[]>(Patience, Cancellation);
        Assert.Equal([1, 2], results);
    }

    [Fact]
    public async Task ReplaceWith_WhenTheReplacementFails_FailsTheJobWithItsError()
    {
        var handle = await EnqueueAsync(Scripts.Add(context => throw context.ReplaceWith(Chain.Of(new Add(1)).Then(new Break("inner")))));

        Assert.Equal("inner", (await Assert.ThrowsAsync<JobFailedException>(() => handle.GetResultAsync(Patience, Cancellation))).ErrorMessage);
    }

    [Fact]
    public async Task ReplaceWith_WhenTheJobIsCancelledMeanwhile_CancelsTheFlow()
    {
        var gate = new Gate();
        var inner = Scripts.Add(async (_, token) =>
        {
            await gate.PassAsync(token);
            return "passed";
        });
        var handle = await EnqueueAsync(Scripts.Add(context => throw context.ReplaceWith(inner)));
        await gate.ArrivedAsync();
        await Events.StoryUntil("job.replaced", handle.Id);

        Assert.True(await handle.CancelAsync(Cancellation));

        await Assert.ThrowsAsync<JobCancelledException>(() => handle.GetResultAsync(Patience, Cancellation));
        var flow = Jobs.GetFlow($"{handle.Id.Split('~')[2]}.r0-0");
        Assert.Equal(JobState.Cancelled, await flow.WaitAsync(Patience, Cancellation));
    }

    [Fact]
    public async Task AddToGroup_WhenAMemberAddsToItsOwnChord_TheBodySeesThemToo()
    {
        var grower = Scripts.Add(async (context, _) =>
        {
            await context.AddToGroup(new Add(5), Chain.Of(new Add(6)).Then(new Add(1)));
            return "grown";
        });

        Assert.Equal("[1,\"grown\",5,7]", await ResultAsync(Chord.Of(new Add(1), grower).Then(new Tell())));
    }

    [Fact]
    public async Task AddToGroup_WhenTheHandlerRunsTwice_AddsOnce()
    {
        var grower = Scripts.Add(async (context, _) =>
        {
            await context.AddToGroup(new Add(5));
            return context.Attempt == 1 ? throw new TimeoutException() : "grown";
        });

        Assert.Equal("[\"grown\",5]", await ResultAsync(Chord.Of(grower.With(new EnqueueOptions { Retry = AtOnce })).Then(new Tell())));
    }

    [Fact]
    public async Task AddToGroup_WhenTheJobIsInNone_Fails()
    {
        var handle = await EnqueueAsync(async (context, _) =>
        {
            await context.AddToGroup(new Add(5));
            return "never";
        });

        Assert.Equal("Krewe.InvalidJobException", (await Assert.ThrowsAsync<JobFailedException>(() => handle.GetResultAsync(Patience, Cancellation))).ErrorType);
    }

    [Fact]
    public async Task Cancel_WhenTheFlowRuns_EndsItAndStartsNothingMore()
    {
        var (gate, ran) = (new Gate(), 0);
        var flow = Chain.Of(Scripts.Add(async (_, token) =>
        {
            await gate.PassAsync(token);
            return "passed";
        })).Then(Scripts.Add(_ => $"{Interlocked.Increment(ref ran)}"));
        var handle = await Jobs.EnqueueAsync(flow, cancellationToken: Cancellation);
        await gate.ArrivedAsync();

        Assert.True(await handle.CancelAsync(Cancellation));

        var cancelled = await Assert.ThrowsAsync<JobCancelledException>(() => handle.GetResultAsync(Patience, Cancellation));
        await QuietAsync(handle);
        Assert.Equal(("Cancelled by a caller.", 0), (cancelled.Reason, ran));
        Assert.Equal([JobState.Cancelled, JobState.Cancelled, JobState.Cancelled], await StatesAsync(handle));
    }

    [Fact]
    public async Task CancelOnFailure_WhenAMemberFails_CancelsTheOthers()
    {
        var gate = new Gate();
        var handle = await Jobs.EnqueueAsync(
            Group.Of(
                Scripts.Add(async (_, token) =>
                {
                    await gate.PassAsync(token);
                    return "passed";
                }),
                Scripts.Add(async (context, _) =>
                {
                    await gate.ArrivedAsync();
                    throw context.Fail("enough");
                })),
            new FlowOptions { CancelOnFailure = true },
            Cancellation);

        Assert.Equal(JobState.Failed, await handle.WaitAsync(Patience, Cancellation));
        await QuietAsync(handle);
        Assert.Equal([JobState.Failed, JobState.Cancelled, JobState.Failed], await StatesAsync(handle));
    }

    [Fact]
    public async Task Redrive_WhenAMemberFailed_RunsItAgainAndThenTheRest()
    {
        var (isBroken, runs) = (true, 0);
        var steady = Scripts.Add(_ => $"{Interlocked.Increment(ref runs)}");
        var broken = Scripts.Add(context => isBroken ? throw context.Fail("broken") : "mended");
        var handle = await Jobs.EnqueueAsync(Chord.Of(steady, broken).Then(new Tell()), cancellationToken: Cancellation);
        Assert.Equal(JobState.Failed, await handle.WaitAsync(Patience, Cancellation));
        await QuietAsync(handle);
        isBroken = false;

        Assert.True(await handle.RedriveAsync(Cancellation));

        Assert.Equal("[\"1\",\"mended\"]", await handle.GetResultAsync(Patience, Cancellation));
        Assert.Equal((1, 2), (runs, (await handle.GetInfoAsync(Cancellation))!.Run));
        Assert.False(await handle.RedriveAsync(Cancellation));
    }

    [Fact]
    public async Task Redrive_WhenAMemberHadAddedOthers_AddsThemOnce()
    {
        var (isBroken, runs) = (true, 0);
        var added = Scripts.Add(_ => $"{Interlocked.Increment(ref runs)}");
        var grower = Scripts.Add(async (context, _) =>
        {
            await context.AddToGroup(added);
            return isBroken ? throw context.Fail("broken") : "mended";
        });
        var handle = await Jobs.EnqueueAsync(Chord.Of(grower).Then(new Tell()), cancellationToken: Cancellation);
        Assert.Equal(JobState.Failed, await handle.WaitAsync(Patience, Cancellation));
        await QuietAsync(handle);
        isBroken = false;

        Assert.True(await handle.RedriveAsync(Cancellation));

        Assert.Equal("[\"mended\",\"1\"]", await handle.GetResultAsync(Patience, Cancellation));
    }

    [Fact]
    public async Task Redrive_WhenAReplacedMemberIsRedrivenByItself_ItIsReplacedAnew()
    {
        var isBroken = true;
        var inner = Scripts.Add(context => isBroken ? throw context.Fail("broken") : "mended");
        var replaced = Scripts.Add(context => throw context.ReplaceWith(inner));
        var handle = await Jobs.EnqueueAsync(Group.Of(replaced), cancellationToken: Cancellation);
        Assert.Equal(JobState.Failed, await handle.WaitAsync(Patience, Cancellation));
        await QuietAsync(handle);
        isBroken = false;
        var member = Jobs.GetHandle((await handle.GetNodesAsync(Cancellation).FirstAsync(node => node.JobId is not null, Cancellation)).JobId!);

        Assert.True(await member.RedriveAsync(Cancellation));

        Assert.Equal("mended", await member.GetResultAsync<string>(Patience, Cancellation));
    }

    [Fact]
    public async Task Enqueue_WhenTheIdIsThere_GivesTheFirstFlow()
    {
        var options = new FlowOptions { Id = $"twice-{Guid.CreateVersion7():N}" };
        var first = await Jobs.EnqueueAsync(Chain.Of(new Add(1)), options, Cancellation);
        var second = await Jobs.EnqueueAsync(Chain.Of(new Add(2)), options, Cancellation);

        Assert.Equal((false, true, 1), (first.IsExisting, second.IsExisting, await second.GetResultAsync(Patience, Cancellation)));
    }

    [Fact]
    public async Task Headers_WhenGivenToTheFlow_AreOnEveryJobOfIt()
    {
        var stamps = new ConcurrentQueue<string>();
        Scripted Stamped() => Scripts.Add(context => Noted(stamps, $"{context.Headers["stamp"]}{(context.Headers.ContainsKey("own") ? "+" : "")}"));
        var flow = Chord.Of<string?>(Stamped(), Stamped().With(new EnqueueOptions { Headers = new Dictionary<string, string> { ["own"] = "1" } })).Then(Stamped()).OnSuccess(Stamped());

        var handle = await Jobs.EnqueueAsync(flow, new FlowOptions { Headers = new Dictionary<string, string> { ["stamp"] = "a" } }, Cancellation);
        await handle.GetResultAsync(Patience, Cancellation);

        await QuietAsync(handle);
        Assert.Equal(["a", "a", "a", "a+"], stamps.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task EndedMembers_WhenAsked_ComeAsTheyEnd()
    {
        var handle = await Jobs.EnqueueAsync(Group.Of(new Add(1), new Add(2), new Add(3)), cancellationToken: Cancellation);

        var results = new List<int>();
        await foreach (var member in handle.EndedMembersAsync(Cancellation))
        {
            results.Add(await member.GetResultAsync<int>(Patience, Cancellation));
        }

        Assert.Equal([1, 2, 3], results.Order());
    }

    [Fact]
    public async Task Chain_WhenAStepHasADelay_CountsFromItsTurn()
    {
        var flow = Chain.Of(new Add(1)).Then(new Add(1).With(new EnqueueOptions { Delay = TimeSpan.FromMilliseconds(300) }));
        var started = TimeProvider.System.GetTimestamp();

        Assert.Equal(2, await ResultAsync(flow));
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(300));
    }

    [Fact]
    public async Task Member_WhenItExpires_EndsTheFlowAsExpired()
    {
        var handle = await Jobs.EnqueueAsync(Chain.Of(new Add(1).With(new EnqueueOptions { ExpiresAt = DateTimeOffset.UnixEpoch })).Then(new Add(1)), cancellationToken: Cancellation);

        await Assert.ThrowsAsync<JobExpiredException>(() => handle.GetResultAsync(Patience, Cancellation));
    }

    [Fact]
    public async Task ParentId_WhenAStepFollows_IsTheStepBefore()
    {
        var handle = await Jobs.EnqueueAsync(Chain.Of(new Add(1)).Then(new Add(1)), cancellationToken: Cancellation);
        await handle.GetResultAsync(Patience, Cancellation);

        var jobs = new List<FlowNode>();
        await foreach (var node in handle.GetNodesAsync(Cancellation))
        {
            jobs.Add(node);
        }

        Assert.Equal(jobs[1].JobId, (await Jobs.GetHandle(jobs[2].JobId!).InfoAsync()).ParentId);
    }

    private async Task<T> ResultAsync<T>(Flow<T> flow) => await (await Jobs.EnqueueAsync(flow, cancellationToken: Cancellation)).GetResultAsync(Patience, Cancellation);

    private static string Noted<T>(ConcurrentQueue<T> notes, T note)
    {
        notes.Enqueue(note);
        return "noted";
    }

    private static async Task<List<JobState>> StatesAsync(FlowHandle handle)
    {
        var states = new List<JobState>();
        await foreach (var node in handle.GetNodesAsync(Cancellation))
        {
            states.Add(node.State);
        }

        return states;
    }

    /// <summary>Waits until every job of the flow has ended, callbacks included.</summary>
    private static async Task QuietAsync(FlowHandle handle)
    {
        await foreach (var _ in handle.EndedMembersAsync(Cancellation))
        {
        }
    }
}

[Collection(SqliteGroup.Name)]
public sealed class SqliteFlowTests(SqliteKrewe krewe) : FlowTests(krewe);

[Collection(RedisGroup.Name)]
public sealed class RedisFlowTests(RedisKrewe krewe) : FlowTests(krewe);
