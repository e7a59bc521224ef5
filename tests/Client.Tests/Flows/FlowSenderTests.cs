using Krewe.Client.Tests.Fakes;
using Krewe.Flows;
using Krewe.Queues;
using Xunit;

namespace Krewe.Client.Tests.Flows;

public sealed class FlowSenderTests
{
    private readonly FakeCluster _cluster = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private JobClient Client => field ??= _cluster.Client();

    [Fact]
    public async Task EnqueueAsync_OfAShortFlow_SendsItInOneCall()
    {
        var options = new FlowOptions { Name = "takings", CancelOnFailure = true, Headers = new Dictionary<string, string> { ["tenant"] = "a" } };

        FlowHandle<int> handle = await Client.EnqueueAsync(Chord.Of(new Count(1), new Count(2)).Then(new Sum()), options, Cancellation);

        var flow = Assert.Single(_cluster.Flows);
        var piece = Assert.Single(flow.Pieces);
        Assert.Equal((handle.Id, 26, false), (flow.Id, handle.Id.Length, handle.IsExisting));
        Assert.Equal((0, 5, true), (piece.First, piece.Nodes.Length, piece.IsLast));
        Assert.Equal(new NewFlow { Name = "takings", CancelsOnFailure = true }, piece.Flow);
        Assert.Equal($"{handle.Id}.4", piece.Nodes[4].Job!.Id);
        Assert.Equal("a", piece.Nodes[4].Job!.Headers!["tenant"]);
    }

    [Fact]
    public async Task EnqueueAsync_FromAHandler_CarriesItsJobAsTheParent()
    {
        FlowHandle handle = await Client.ForParent("default~0~p", _ => { }).EnqueueAsync((Flow)Chain.Of(new Count()), new FlowOptions { Id = "f-1" }, Cancellation);

        var piece = Assert.Single(_cluster.Flow(handle.Id).Pieces);
        Assert.Equal(("f-1", "default~0~p", "default~0~p"), (handle.Id, piece.Flow.ParentId, piece.Nodes[1].Job!.ParentId));
    }

    [Fact]
    public async Task EnqueueAsync_OfALongFlow_SendsPiecesOneAfterTheOther()
    {
        var made = 0;
        var madeAtCall = new List<int>();
        _cluster.OnFlow = flow => flow.OnAdd = _ =>
        {
            madeAtCall.Add(made);
            return Task.FromResult(false);
        };
        await Client.EnqueueAsync(Group.Of(Enumerable.Range(0, 1_200).Select(number => new Count(made = number + 1))), cancellationToken: Cancellation);

        var pieces = Assert.Single(_cluster.Flows).Pieces;
        Assert.Equal([(0, 500, false), (500, 500, false), (1_000, 201, true)], pieces.Select(piece => (piece.First, piece.Nodes.Length, piece.IsLast)));
        Assert.Equal([500, 1_000, 1_200], madeAtCall);
    }

    [Fact]
    public async Task EnqueueAsync_OfLargeArgs_SendsAboutHalfAMebibyteACall()
    {
        await Client.EnqueueAsync(Group.Of(Enumerable.Range(0, 6).Select(_ => new Pay(new string('x', 200_000), Colour.Red))), cancellationToken: Cancellation);

        Assert.Equal([3, 2, 2], Assert.Single(_cluster.Flows).Pieces.Select(piece => piece.Nodes.Length));
    }

    [Fact]
    public async Task EnqueueAsync_WhenAHeaderIsSlow_SendsWhatHasCome()
    {
        var time = new ArmedTime();
        IEnumerable<Count> Members()
        {
            yield return new Count(1);
            time.Advance(FlowSender.MaxPause + TimeSpan.FromSeconds(1));
            yield return new Count(2);
        }

        await _cluster.Client(time).EnqueueAsync(Group.Of(Members()), cancellationToken: Cancellation);

        Assert.Equal([2, 1], Assert.Single(_cluster.Flows).Pieces.Select(piece => piece.Nodes.Length));
    }

    [Fact]
    public async Task EnqueueAsync_WhenAHeaderLetsWait_SendsWhatThereIsAndSaysThatItIsThere()
    {
        var time = new ArmedTime();
        var last = new TaskCompletionSource();
        async IAsyncEnumerable<Count> Members()
        {
            yield return new Count(1);
            await last.Task;
            yield return new Count(2);
        }

        var sent = _cluster.Client(time).EnqueueAsync(Group.Of(Members()), cancellationToken: Cancellation);
        await time.PassAsync(FlowSender.MaxPause);
        await time.PassAsync(FlowSender.MaxPause);
        await time.PassAsync(FlowSender.MaxPause);
        await time.UntilArmedAsync(FlowSender.MaxPause);
        last.SetResult();
        await sent;

        Assert.Equal([(0, 2), (2, 0), (2, 0), (2, 1)], Assert.Single(_cluster.Flows).Pieces.Select(piece => (piece.First, piece.Nodes.Length)));
    }

    [Fact]
    public async Task EnqueueAsync_WhenAHeaderLetsWaitAndTheFlowIsThere_ReturnsIt()
    {
        var time = new ArmedTime();
        _cluster.OnFlow = flow => flow.OnAdd = _ => Task.FromResult(true);
        static async IAsyncEnumerable<Count> Members()
        {
            yield return new Count(1);
            await new TaskCompletionSource().Task;
        }

        var sent = _cluster.Client(time).EnqueueAsync(Group.Of(Members()), new FlowOptions { Id = "f-1" }, Cancellation);
        await time.PassAsync(FlowSender.MaxPause);

        Assert.True((await sent).IsExisting);
    }

    [Fact]
    public async Task EnqueueAsync_WhenNobodyHearsThatItIsThere_GoesOn()
    {
        var time = new ArmedTime();
        var last = new TaskCompletionSource();
        _cluster.OnFlow = flow => flow.OnAdd = piece => piece.Nodes.Length == 0 ? throw new StoreUnavailableException("Redis is away.") : Task.FromResult(false);
        async IAsyncEnumerable<Count> Members()
        {
            yield return new Count(1);
            await last.Task;
            yield return new Count(2);
        }

        var sent = _cluster.Client(time).EnqueueAsync(Group.Of(Members()), cancellationToken: Cancellation);
        await time.PassAsync(FlowSender.MaxPause);
        await time.PassAsync(FlowSender.MaxPause);
        await time.UntilArmedAsync(RetriedCall.FirstDelay);
        time.Advance(2 * RetriedCall.StoreBudget);
        await time.UntilArmedAsync(FlowSender.MaxPause);
        last.SetResult();
        await sent;

        Assert.Equal(3, _cluster.Flows.Single().Pieces.Sum(piece => piece.Nodes.Length));
    }

    [Fact]
    public async Task EnqueueAsync_WhenItIsCancelledWhileAHeaderHeedsNoToken_EndsAtOnce()
    {
        var time = new ArmedTime();
        using var cancel = new CancellationTokenSource();
        static async IAsyncEnumerable<Count> Members()
        {
            yield return new Count(1);
            await new TaskCompletionSource().Task;
        }

        var sent = _cluster.Client(time).EnqueueAsync(Group.Of(Members()), cancellationToken: cancel.Token);
        await time.UntilArmedAsync(FlowSender.MaxPause);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent.WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
    }

    [Fact]
    public async Task EnqueueAsync_WhenItFailsWhileAHeaderLetsWait_FailsAtOnceAndLetsGoOfTheHeader()
    {
        var time = new ArmedTime();
        var (isLetGo, last) = (new TaskCompletionSource(), new TaskCompletionSource());
        _cluster.OnFlow = flow => flow.OnAdd = _ => throw new QueueFullException("default");
        async IAsyncEnumerable<Count> Members()
        {
            try
            {
                yield return new Count(1);
                await last.Task;
                yield return new Count(2);
            }
            finally
            {
                isLetGo.SetResult();
            }
        }

        var sent = _cluster.Client(time).EnqueueAsync(Group.Of(Members()), cancellationToken: Cancellation);
        await time.PassAsync(FlowSender.MaxPause);
        await Assert.ThrowsAsync<QueueFullException>(() => sent);
        last.SetResult();

        await isLetGo.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
    }

    [Fact]
    public async Task EnqueueAsync_WhenAFlowOfTheIdIsThere_ReturnsItAndSendsNoMore()
    {
        _cluster.OnFlow = flow => flow.OnAdd = _ => Task.FromResult(true);

        var handle = await Client.EnqueueAsync(Group.Of(Enumerable.Range(0, 1_200).Select(number => new Count(number))), new FlowOptions { Id = "f-1" }, Cancellation);

        Assert.True(handle.IsExisting);
        Assert.Single(_cluster.Flow("f-1").Pieces);
    }

    [Fact]
    public async Task EnqueueAsync_WhenItsOwnIdIsThere_IsItsOwnRepetition()
    {
        _cluster.OnFlow = flow => flow.OnAdd = _ => Task.FromResult(true);

        Assert.False((await Client.EnqueueAsync(Chain.Of(new Count()), cancellationToken: Cancellation)).IsExisting);
    }

    [Fact]
    public async Task EnqueueAsync_WhenWhatIsThereCannotWork_SendsNothing()
    {
        var members = Enumerable.Range(0, 900).Select(number => (IFlowStep)new Count(number)).Append(null!).ToList();

        var late = await Assert.ThrowsAsync<InvalidJobException>(() => Client.EnqueueAsync(Group.Of(members), cancellationToken: Cancellation));
        var body = await Assert.ThrowsAsync<InvalidJobException>(() => Client.EnqueueAsync(Chord.Of(Enumerable.Range(0, 900).Select(number => new Count(number))).Then(new Bill()), cancellationToken: Cancellation));

        Assert.Equal("At group[900]: a step must be a job or a flow, got null; leave it out.", late.Message);
        Assert.StartsWith("At body: the input of ", body.Message, StringComparison.Ordinal);
        Assert.Empty(_cluster.Flows);
    }

    [Fact]
    public async Task EnqueueAsync_WhenALazyHeaderBreaksUnderWay_CancelsTheFlow()
    {
        static IEnumerable<Count> Members()
        {
            for (var number = 0; number < 700; number++)
            {
                yield return new Count(number);
            }

            throw new FormatException("row 700 is broken.");
        }

        var exception = await Assert.ThrowsAsync<InvalidJobException>(() => Client.EnqueueAsync(Group.Of(Members()), new FlowOptions { Id = "f-1" }, Cancellation));

        Assert.Equal(
            "At group[700]: the members of a group must be readable to their end, got FormatException: row 700 is broken. Mend what makes them, then enqueue the flow again. The flow was stored in part as 'f-1' and is cancelled.",
            exception.Message);
        Assert.Equal(["The rest of the flow could not be enqueued."], _cluster.Flow("f-1").Cancels);
    }

    [Fact]
    public async Task EnqueueAsync_WhenTheStoreFails_SaysWhatMayHaveBeenStored()
    {
        var time = new ArmedTime();
        _cluster.OnFlow = flow => flow.OnAdd = _ =>
        {
            time.Advance(TimeSpan.FromSeconds(2));
            throw new StoreUnavailableException("The store is away.");
        };

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => _cluster.Client(time).EnqueueAsync(Chain.Of(new Count()), new FlowOptions { Id = "f-1" }, Cancellation));

        Assert.Equal(
            "The store is away. The flow may have been stored as 'f-1', whole or in part; enqueue it again with FlowOptions.Id 'f-1', which stores it once. What stays in part is cancelled after 5 minutes.",
            exception.Message);
        Assert.Equal(["f-1"], exception.MaybeStoredIds);
    }

    [Fact]
    public async Task EnqueueAsync_WhenTheCallerGivesUp_SaysWhatMayHaveBeenStored()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        _cluster.OnFlow = flow => flow.OnAdd = async _ =>
        {
            await stop.CancelAsync();
            return await new TaskCompletionSource<bool>().Task;
        };

        var exception = await Assert.ThrowsAsync<OperationCanceledException>(() => Client.EnqueueAsync(Chain.Of(new Count()), new FlowOptions { Id = "f-1" }, stop.Token));

        Assert.StartsWith("Gave up waiting. The flow may have been stored as 'f-1', whole or in part;", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnqueueAsync_WhenAQueueIsFull_LetsItsExceptionThrough()
    {
        _cluster.OnFlow = flow => flow.OnAdd = _ => throw new QueueFullException("default");

        await Assert.ThrowsAsync<QueueFullException>(() => Client.EnqueueAsync(Chain.Of(new Count()), cancellationToken: Cancellation));
    }

    [Theory]
    [InlineData("a/b", null, "FlowOptions.Id must be 1..100 characters of [A-Za-z0-9._-], got 'a/b'; use letters, digits, dots, dashes and underscores.")]
    [InlineData(null, "", "FlowOptions.Name must be 1..100 characters of well-formed text without control characters, got ''; shorten it, or leave it out.")]
    public async Task EnqueueAsync_WhenOptionsDoNotFit_IsRefused(string? id, string? name, string expected)
    {
        var exception = await Assert.ThrowsAsync<InvalidJobException>(() => Client.EnqueueAsync(Chain.Of(new Count()), new FlowOptions { Id = id, Name = name }, Cancellation));

        Assert.Equal(expected, exception.Message);
    }

    [Fact]
    public async Task EnqueueAsync_OfJobsAndFlows_TakesTheOverloadOfItsKind()
    {
        JobHandle<Receipt> job = await Client.EnqueueAsync(new Pay("1", Colour.Red), cancellationToken: Cancellation);
        JobHandle plain = await Client.EnqueueAsync(new Plain(1), cancellationToken: Cancellation);
        FlowHandle<int[]> group = await Client.EnqueueAsync(Group.Of(new Count()), cancellationToken: Cancellation);
        FlowHandle<object?> untyped = await Client.EnqueueAsync(Chain.Of(new Plain(1)), cancellationToken: Cancellation);
        FlowHandle any = await Client.EnqueueAsync((Flow)Chain.Of(new Count()), cancellationToken: Cancellation);

        Assert.All([job.Id, plain.Id], id => Assert.Contains('~', id));
        Assert.Equal(3, _cluster.Flows.Count(flow => flow.Id == group.Id || flow.Id == untyped.Id || flow.Id == any.Id));
    }
}
