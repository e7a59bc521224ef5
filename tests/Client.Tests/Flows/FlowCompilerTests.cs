using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using Krewe.Client.Tests.Fakes;
using Krewe.Flows;
using Krewe.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Client.Tests.Flows;

public sealed class FlowCompilerTests
{
    private static readonly Pay APay = new("1", Colour.Red);

    private readonly FakeCluster _cluster = new();
    private readonly FlowCompiler _compiler;

    public FlowCompilerTests()
    {
        _cluster.Catalogue.Queues["default"] = 4;
        _compiler = _cluster.Services().GetRequiredService<FlowCompiler>();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, IFlowStep> Shapes => new()
    {
        { "job:flow.count", new Count() },
        { "job:flow.count(!job:flow.alert)", new Count().OnError(new Alert()) },
        { "chain(job:flow.count job:test.plain)", Chain.Of(new Count()).Then(new Plain(1)) },
        { "chain(chain(job:flow.count) job:flow.count)", Chain.Of(Chain.Of(new Count())).Then(new Count()) },
        { "chain(group(job:flow.count job:flow.count) job:flow.sum)", Chain.Of(Group.Of(new Count(), new Count())).Then(new Sum()) },
        { "chain(chord(group(job:flow.count) job:flow.sum) job:test.plain)", Chain.Of(Chord.Of(new Count()).Then(new Sum())).Then(new Plain(1)) },
        { "group()", Group.Of() },
        { "group(chain(job:flow.count) group(job:flow.count) chord(group() job:test.plain))", Group.Of(Chain.Of(new Count()), Group.Of(new Count()), Chord.Of().Then(new Plain(1))) },
        { "chord(group(job:flow.count) job:flow.sum)", Group.Of(new Count()).Then(new Sum()) },
        { "chord(group(chord(group(job:flow.count) job:flow.sum)) chain(job:flow.sum job:test.plain))", Chord.Of(Chord.Of(new Count()).Then(new Sum())).Then(Chain.Of(new Sum()).Then(new Plain(1))) },
        { "chord(group(job:flow.count) group(job:flow.sum job:test.plain))", Chord.Of(new Count()).Then(Group.Of(new Sum(), new Plain(1))) },
        { "chord(group(job:flow.count) chord(group(job:flow.sum) job:flow.sum))", Chord.Of(new Count()).Then(Chord.Of(new Sum()).Then(new Sum())) },
        {
            "chord(+job:test.plain !chain(job:flow.alert) !job:flow.alert group(!job:flow.alert job:flow.count(+job:test.plain)) job:flow.sum)",
            Group.Of(new Count().OnSuccess(new Plain(1))).OnError(new Alert()).Then(new Sum()).OnError(Chain.Of(new Alert())).OnSuccess(new Plain(1)).OnError(new Alert())
        },
    };

    [Theory]
    [MemberData(nameof(Shapes), DisableDiscoveryEnumeration = true)]
    public async Task CompileAsync_OfEveryShape_GivesParentsThenCallbacksThenMembers(string expected, IFlowStep flow)
    {
        Assert.Equal(expected, Text(await CompileAsync(flow)));
    }

    [Fact]
    public async Task CompileAsync_OfAJob_FixesItsIdQueueAndPartition()
    {
        var nodes = await CompileAsync(Group.Of(new IFlowStep[]
        {
            APay, new Count(7), new Count(8).With(new EnqueueOptions { Id = "own-1", Priority = 9, Delay = TimeSpan.FromHours(1), ExpiresIn = TimeSpan.FromHours(2), MaxRetries = 0 }),
        }));

        Assert.Equal(["f-1.1", "f-1.2", "own-1"], nodes[1..].Select(node => node.Job!.Id));
        Assert.Equal(["critical", "default", "default"], nodes[1..].Select(node => node.Queue));
        Assert.Equal([0, JobKeys.PartitionOf("f-1.2", 4), JobKeys.PartitionOf("own-1", 4)], nodes[1..].Select(node => node.Partition));
        Assert.Equal([false, false, true], nodes[1..].Select(node => node.Job!.HasCallerId));
        Assert.Equal([1, 2, 3], nodes[1..].Select(node => node.Job!.Member));
        Assert.All(nodes[1..], node => Assert.Equal(("f-1", 1, false, "default~0~p"), (node.Job!.FlowId, node.Job.Run, node.Job.HasInput, node.Job.ParentId)));
        var own = nodes[3].Job!;
        Assert.Equal((9, TimeSpan.FromHours(1), TimeSpan.FromHours(2), 0), (own.Priority, own.Delay, own.ExpiresIn, own.Settings!.MaxRetries));
        Assert.Equal("""{"number":7}""", Encoding.UTF8.GetString(nodes[2].Job!.Args));
        Assert.Equal((4, 5), (nodes[1].Job!.Priority, nodes[1].Job!.Settings!.MaxRetries));
    }

    [Fact]
    public async Task CompileAsync_WithHeaders_PutsTheStepsOnTopOfTheFlows()
    {
        var target = new FlowTarget("f-1") { Headers = new Dictionary<string, string> { ["tenant"] = "a", ["colour"] = "red" } };
        var own = new EnqueueOptions { Headers = new Dictionary<string, string> { ["colour"] = "blue", ["size"] = "9" } };
        var flow = Chain.Of(new Count().OnError(new Alert())).Then(new Count().With(own));

        var nodes = await _compiler.CompileAsync(flow, target, Cancellation).ToListAsync(Cancellation);

        Assert.Equal(["", "colour=red tenant=a", "colour=red tenant=a", "colour=blue size=9 tenant=a"], nodes.Select(node =>
            string.Join(' ', (node.Job?.Headers ?? new Dictionary<string, string>()).OrderBy(header => header.Key, StringComparer.Ordinal).Select(header => $"{header.Key}={header.Value}"))));
    }

    [Fact]
    public async Task CompileAsync_OfAJobByName_TakesItsJsonArgs()
    {
        using var args = JsonDocument.Parse("""{ "a": 1 }""");
        var step = new NamedStep("other.job", args.RootElement, new EnqueueOptions { Queue = "low" }).OnError(new Alert()).OnSuccess(new Plain(1));

        var nodes = await CompileAsync(step);

        Assert.Equal("job:other.job(+job:test.plain !job:flow.alert)", Text(nodes));
        Assert.Equal(("low", """{"a":1}""", false), (nodes[0].Queue, Encoding.UTF8.GetString(nodes[0].Job!.Args), nodes[0].Job!.IsMerged));
    }

    [Fact]
    public async Task CompileAsync_OfALazyHeader_ReadsItOnceAndNoFurtherThanItIsAskedFor()
    {
        var made = 0;
        IEnumerable<Count> Members()
        {
            while (true)
            {
                yield return new Count(made++);
            }
        }

        var flow = Chord.Of(Members()).Then(new Sum()).OnError(new Alert());
        await _compiler.CheckAsync(flow, new FlowTarget("f-1"), Cancellation);
        Assert.Equal(0, made);

        var nodes = await _compiler.CompileAsync(flow, new FlowTarget("f-1"), Cancellation).Take(1_003).ToListAsync(Cancellation);

        Assert.Equal(1_000, made);
        Assert.Equal([FlowNodeRole.Member, FlowNodeRole.OnError, FlowNodeRole.Member], nodes[..3].Select(node => node.Role));
        Assert.Equal(Enumerable.Repeat(2, 1_000), nodes[3..].Select(node => node.Parent));
    }

    [Fact]
    public async Task CompileAsync_OfAnAsynchronousHeader_PassesTheTokenOn()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        async IAsyncEnumerable<Count> Members([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            yield return new Count();
            await stop.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _compiler.CompileAsync(Group.Of(Members(Cancellation)), new FlowTarget("f-1"), stop.Token).CountAsync(Cancellation));
    }

    [Fact]
    public async Task CompileAsync_Of64Levels_Works()
    {
        var nodes = await CompileAsync(Nested(64));

        Assert.Equal(65, nodes.Count);
    }

    [Fact]
    public async Task CompileAsync_OfTheSameStepTwice_GivesTwoJobs()
    {
        var step = new Count(1).OnError(new Alert());

        Assert.Equal("group(job:flow.count(!job:flow.alert) job:flow.count(!job:flow.alert))", Text(await CompileAsync(Group.Of(step, step))));
    }

    [Fact]
    public void CompileAsync_OfRandomTrees_NamesEachJobOnceAndParentsFirst()
    {
        Gen.Int.Sample(
            seed =>
            {
                var random = new Random(seed);
                var jobs = 0;
                var flow = Tree(random, depth: 0, ref jobs);
                var nodes = CompileAsync(flow).GetAwaiter().GetResult();

                Assert.Equal(Enumerable.Range(0, jobs), nodes.Where(node => node.Job is not null).Select(NumberOf).Order());
                Assert.Equal(jobs, nodes.Where(node => node.Job is not null).DistinctBy(node => node.Job!.Id).Count());
                for (var index = 0; index < nodes.Count; index++)
                {
                    var node = nodes[index];
                    Assert.InRange(node.Parent, -1, index - 1);
                    Assert.Equal(index == 0, node.Parent == -1);
                    Assert.Equal(node.Kind == FlowNodeKind.Job, node.Job is not null);
                    Assert.True(node.Job is null || (node.Job.Member == index && node.Job.Id == $"f-1.{index}" && node.Partition == JobKeys.PartitionOf(node.Job.Id, 4)));
                    var children = nodes.Where(child => child.Parent == index).ToList();
                    Assert.Equal(children.OrderBy(child => child.Role == FlowNodeRole.Member ? 2 : (int)child.Role - 1), children);
                    Assert.True(node.Kind != FlowNodeKind.Chord || children.Count(child => child.Role == FlowNodeRole.Member) == 2);
                }
            },
            iter: 200);
    }

    internal static IFlowStep Nested(int levels)
    {
        IFlowStep step = new Count();
        for (var level = 0; level < levels; level++)
        {
            step = Chain.Of(step);
        }

        return step;
    }

    private static int NumberOf(NewFlowNode node) => JsonDocument.Parse(node.Job!.Args).RootElement.GetProperty("number").GetInt32();

    /// <summary>A tree of at most some 200 nodes, whose jobs are numbered as they are made.</summary>
    private static IFlowStep Tree(Random random, int depth, ref int jobs)
    {
        IFlowStep[] Steps(int least, ref int count)
        {
            var steps = new IFlowStep[random.Next(least, 4)];
            for (var index = 0; index < steps.Length; index++)
            {
                steps[index] = Tree(random, depth + 1, ref count);
            }

            return steps;
        }

        if (depth >= 5 || jobs > 40 || random.Next(3) == 0)
        {
            IJob job = random.Next(2) == 0 ? new Count(jobs++) : new Plain(jobs++);
            return random.Next(5) == 0 ? job.OnError(Tree(random, depth + 1, ref jobs)) : job;
        }

        switch (random.Next(3))
        {
            case 0:
                var steps = Steps(1, ref jobs);
                var chain = steps.Skip(1).Aggregate(Chain.Of(steps[0]), (built, step) => built.Then(step));
                return random.Next(3) == 0 ? chain.OnSuccess(Tree(random, depth + 1, ref jobs)) : chain;
            case 1:
                var members = Steps(0, ref jobs);
                var group = random.Next(2) == 0 ? Group.Of(members) : Group.Of(members.ToAsyncEnumerable());
                return random.Next(3) == 0 ? group.OnError(Tree(random, depth + 1, ref jobs)) : group;
            default:
                var chord = Chord.Of(Steps(0, ref jobs)).Then(Tree(random, depth + 1, ref jobs));
                return random.Next(3) == 0 ? chord.OnError(Tree(random, depth + 1, ref jobs)).OnSuccess(Tree(random, depth + 1, ref jobs)) : chord;
        }
    }

    private async Task<List<NewFlowNode>> CompileAsync(IFlowStep flow) =>
        await _compiler.CompileAsync(flow, new FlowTarget("f-1") { ParentId = "default~0~p" }, Cancellation).ToListAsync(Cancellation);

    /// <summary>The tree as text: + an OnSuccess, ! an OnError.</summary>
    private static string Text(List<NewFlowNode> nodes, int index = 0)
    {
        var node = nodes[index];
        var role = node.Role switch { FlowNodeRole.OnSuccess => "+", FlowNodeRole.OnError => "!", _ => "" };
        var children = Enumerable.Range(0, nodes.Count).Where(child => nodes[child].Parent == index).Select(child => Text(nodes, child)).ToList();
        var kind = node.Kind.ToString().ToLower(CultureInfo.InvariantCulture);
        return $"{role}{kind}{(node.Job is null ? "" : ":" + node.Job.Name)}{(node.Job is not null && children.Count == 0 ? "" : $"({string.Join(' ', children)})")}";
    }
}
