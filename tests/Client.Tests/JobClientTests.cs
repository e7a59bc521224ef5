using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Krewe.Client.Tests.Fakes;
using Krewe.Jobs;
using Xunit;

namespace Krewe.Client.Tests;

public sealed class JobClientTests
{
    private readonly FakeCluster _cluster = new();
    private readonly JobClient _client;

    public JobClientTests() => _client = _cluster.Client();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EnqueueAsync_WhenTheTypeSetsOptions_SendsThemMergedToItsQueue()
    {
        var handle = await _client.EnqueueAsync(new Pay("o-1", Colour.Red), new() { Headers = new Dictionary<string, string> { ["tenant"] = "a" }, MaxRetries = 0, Delay = TimeSpan.FromSeconds(5) }, Cancellation);

        var job = Assert.Single(await _cluster.Queue("critical~0").Adds.ReadAsync(Cancellation));
        Assert.Equal(($"critical~0~{job.Id}", false), (handle.Id, handle.IsExisting));
        Assert.Equal(("test.pay", """{"order":"o-1","colour":"Red"}""", 4, true, false), (job.Name, Encoding.UTF8.GetString(job.Args), job.Priority, job.IsMerged, job.HasCallerId));
        Assert.Equal(new JobSettings { MaxRetries = 0, SoftTimeLimit = TimeSpan.FromSeconds(30) }, job.Settings);
        Assert.Equal((TimeSpan.FromSeconds(5), "a"), (job.Delay, job.Headers!["tenant"]));
        Assert.Equal(JobKeys.Fingerprint("test.pay", job.Args), job.Fingerprint);
    }

    [Fact]
    public async Task EnqueueAsync_WhenTheNameIsUnknown_SendsOnlyWhatTheCallSet()
    {
        await _client.EnqueueAsync("python.task", JsonElement.Parse("""{"x":1}"""), new() { MaxRetries = 3 }, Cancellation);

        var job = Assert.Single(await _cluster.Queue().Adds.ReadAsync(Cancellation));
        Assert.False(job.IsMerged);
        Assert.Equal(new JobSettings { MaxRetries = 3 }, job.Settings);
    }

    [Fact]
    public async Task EnqueueAsync_WhenTheIdIsTheCallers_GoesToThePartitionOfItsHashAndReportsTheExistingJob()
    {
        _cluster.Catalogue.Queues["default"] = 8;
        var partition = JobKeys.PartitionOf("order-42", 8);
        _cluster.Queue($"default~{partition}").OnAdd = _ => Task.FromResult<AddAnswer[]>([new(AddResult.Existing, "order-42")]);

        var handle = await _client.EnqueueAsync(new Plain(1), new() { Id = "order-42" }, Cancellation);

        Assert.Equal(($"default~{partition}~order-42", true), (handle.Id, handle.IsExisting));
    }

    [Fact]
    public async Task EnqueueAsync_WhenTheUniqueKeyIsHeld_GivesTheHoldersHandle()
    {
        _cluster.Queue().OnAdd = _ => Task.FromResult<AddAnswer[]>([new(AddResult.Existing, "holder")]);

        var handle = await _client.EnqueueAsync(new Plain(1), new() { UniqueKey = "k" }, Cancellation);

        Assert.Equal(("default~0~holder", true), (handle.Id, handle.IsExisting));
    }

    [Fact]
    public async Task EnqueueAsync_WhenARepeatMeetsItsOwnFirstTry_IsNotExisting()
    {
        _cluster.Queue().OnAdd = jobs => Task.FromResult(Array.ConvertAll(jobs, job => new AddAnswer(AddResult.Existing, job.Id)));

        Assert.False((await _client.EnqueueAsync(new Plain(1), cancellationToken: Cancellation)).IsExisting);
    }

    [Fact]
    public async Task EnqueueAsync_WhenAnswersRefuse_ThrowsTheirExceptions()
    {
        _cluster.Queue().OnAdd = _ => Task.FromResult<AddAnswer[]>([new(AddResult.Conflict, null)]);
        Assert.Equal("default~0~mine", (await Assert.ThrowsAsync<JobIdConflictException>(() => _client.EnqueueAsync(new Plain(1), new() { Id = "mine" }, Cancellation))).JobId);

        _cluster.Queue().OnAdd = _ => Task.FromResult<AddAnswer[]>([new(AddResult.QueueFull, null)]);
        Assert.Equal("default", (await Assert.ThrowsAsync<QueueFullException>(() => _client.EnqueueAsync(new Plain(1), cancellationToken: Cancellation))).Queue);
    }

    [Fact]
    public async Task EnqueueAsync_WhenAPartitionIsFull_GoesToAnotherUnlessItsIdBindsIt()
    {
        _cluster.Catalogue.Queues["default"] = 4;
        foreach (var key in new[] { "default~0", "default~1", "default~3" })
        {
            _cluster.Queue(key).OnAdd = jobs => Task.FromResult(Array.ConvertAll(jobs, _ => new AddAnswer(AddResult.QueueFull, null)));
        }

        for (var number = 0; number < 8; number++)
        {
            Assert.StartsWith("default~2~", (await _client.EnqueueAsync(new Plain(number), cancellationToken: Cancellation)).Id, StringComparison.Ordinal);
        }

        var asked = _cluster.Queue("default~0").Adds.Count + _cluster.Queue("default~1").Adds.Count + _cluster.Queue("default~3").Adds.Count;
        Assert.InRange(asked, 0, 3); // A full one is not asked again at once.
        await Assert.ThrowsAsync<QueueFullException>(async () =>
        {
            for (var number = 0; number < 100; number++)
            {
                await _client.EnqueueAsync(new Plain(number), new() { Id = $"mine-{number}" }, Cancellation);
            }
        });
    }

    [Fact]
    public async Task EnqueueAsync_WhenTheAnswerIsOfANewerVersion_SaysThatTheJobMayBeStored()
    {
        _cluster.Queue().OnAdd = _ => Task.FromResult<AddAnswer[]>([new((AddResult)77, null)]);

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => _client.EnqueueAsync(new Plain(1), new() { Id = "mine" }, Cancellation));

        Assert.Equal(["default~0~mine"], exception.MaybeStoredIds);
    }

    [Fact]
    public async Task EnqueueAsync_WhenTheCallerGivesUp_SaysUnderWhichIdTheJobMayBe()
    {
        _cluster.Queue().OnAdd = _ => new TaskCompletionSource<AddAnswer[]>().Task;
        using var giveUp = new CancellationTokenSource();

        var enqueue = _client.EnqueueAsync(new Plain(1), new() { Id = "mine" }, giveUp.Token);
        await _cluster.Queue().Adds.ReadAsync(Cancellation);
        await giveUp.CancelAsync();

        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => enqueue);
        Assert.Equal("Gave up waiting; the job may have been stored as 'default~0~mine'. Look at it with GetHandle, or enqueue it again under that id.", exception.Message);
    }

    [Fact]
    public async Task EnqueueAsync_WhenTheQueueIsUnknown_IsRefusedUnlessTheClusterCreatesIt()
    {
        await Assert.ThrowsAsync<UnknownQueueException>(() => _client.EnqueueAsync(new Plain(1), new() { Queue = "new" }, Cancellation));

        _cluster.Catalogue.CreatesMissingQueues = true;
        var handle = await _client.EnqueueAsync(new Plain(1), new() { Queue = "new" }, Cancellation);

        Assert.StartsWith("new~", handle.Id, StringComparison.Ordinal);
        Assert.Equal(1, _cluster.Catalogue.QueueReads);
    }

    [Fact]
    public async Task EnqueueAsync_WhenTheClusterIsNotConnectedYet_WaitsForIt()
    {
        var time = new ArmedTime();
        _cluster.IsConnected = false;

        var enqueue = _cluster.Client(time).EnqueueAsync(new Plain(1), cancellationToken: Cancellation);
        await time.UntilArmedAsync(TimeSpan.FromMilliseconds(50));
        _cluster.IsConnected = true;
        time.Advance(TimeSpan.FromMilliseconds(50));

        Assert.StartsWith("default~0~", (await enqueue).Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnqueueAsync_WhenTheQueueHasPartitions_UsesThemInTurn()
    {
        _cluster.Catalogue.Queues["default"] = 4;

        var handles = await Task.WhenAll(Enumerable.Range(0, 8).Select(index => _client.EnqueueAsync(new Plain(index), cancellationToken: Cancellation)));

        Assert.Equal([2, 2, 2, 2], handles.GroupBy(handle => handle.Id.Split('~')[1]).Select(group => group.Count()));
    }

    [Fact]
    public async Task EnqueueAsync_WhenSomebodyTraces_SendsTheSpanOfTheEnqueue()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == KreweDiagnostics.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var caller = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();
        caller.TraceStateString = "vendor=1";

        await _client.EnqueueAsync(new Plain(1), cancellationToken: Cancellation);

        var job = Assert.Single(await _cluster.Queue().Adds.ReadAsync(Cancellation));
        Assert.StartsWith($"00-{caller.TraceId}-", job.TraceParent, StringComparison.Ordinal);
        Assert.DoesNotContain(caller.SpanId.ToString(), job.TraceParent, StringComparison.Ordinal);
        Assert.Equal("vendor=1", job.TraceState);
    }

    [Fact]
    public async Task ForParent_WhenJobsAreEnqueued_TellsEachChildsIdAndSendsTheParents()
    {
        var children = new List<string>();
        var child = _client.ForParent("default~0~parent", children.Add);

        var handle = await child.EnqueueAsync(new Plain(1), cancellationToken: Cancellation);
        var many = await child.EnqueueManyAsync([new Plain(2)], cancellationToken: Cancellation);

        Assert.Equal([handle.Id, many[0].Id], children);
        Assert.Equal("default~0~parent", (await _cluster.Queue().Adds.ReadAsync(Cancellation))[0].ParentId);
    }

    [Fact]
    public async Task EnqueueManyAsync_WhenTheQueueHasPartitions_SendsContiguousSlicesOfAtMost256()
    {
        _cluster.Catalogue.Queues["default"] = 2;

        var handles = await _client.EnqueueManyAsync(Enumerable.Range(0, 1000).Select(index => new Plain(index)), cancellationToken: Cancellation);

        Assert.Equal(1000, handles.Select(handle => handle.Id).Distinct().Count());
        Assert.Equal(2, handles.Take(500).Concat(handles.Skip(500)).Select(handle => handle.Id.Split('~')[1]).Chunk(500).Select(slice => slice.Distinct().Single()).Distinct().Count());
        foreach (var key in new[] { "default~0", "default~1" })
        {
            Assert.Equal(256, (await _cluster.Queue(key).Adds.ReadAsync(Cancellation)).Length);
            Assert.Equal(244, (await _cluster.Queue(key).Adds.ReadAsync(Cancellation)).Length);
        }
    }

    [Fact]
    public async Task EnqueueManyAsync_WhenSomeAreRefused_AnswersPerJobInOrder()
    {
        _cluster.Queue().OnAdd = jobs => Task.FromResult(jobs.Select((_, index) => new AddAnswer(index == 1 ? AddResult.QueueFull : AddResult.Added, null)).ToArray());

        var exception = await Assert.ThrowsAsync<BulkEnqueueException>(() => _client.EnqueueManyAsync([new Plain(0), new Unnamed(), new Plain(1), new Pay("o", Colour.Red)], cancellationToken: Cancellation));

        Assert.Equal([true, false, false, true], exception.Handles.Select(handle => handle is not null));
        Assert.Equal([null, typeof(InvalidJobException), typeof(QueueFullException), null], exception.Errors.Select(error => error?.GetType()));
        Assert.StartsWith("2 of 4 jobs were not stored, the first of them at index 1: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnqueueManyAsync_WhenItsCallerGivesUp_StillSaysWhatWasStored()
    {
        using var giveUp = new CancellationTokenSource();
        var calls = 0;
        _cluster.Queue().OnAdd = jobs => calls++ == 0 ? Task.FromResult(new AddAnswer[jobs.Length]) : new TaskCompletionSource<AddAnswer[]>().Task;

        var enqueue = _client.EnqueueManyAsync(Enumerable.Range(0, 300).Select(index => new Plain(index)), cancellationToken: giveUp.Token);
        await _cluster.Queue().Adds.ReadAsync(Cancellation);
        await _cluster.Queue().Adds.ReadAsync(Cancellation);
        await giveUp.CancelAsync();

        var gaveUp = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => enqueue);
        var bulk = Assert.IsType<BulkEnqueueException>(gaveUp.InnerException);
        Assert.Equal((256, 44), (bulk.Handles.Count(handle => handle is not null), bulk.Errors.Count(error => error is OperationCanceledException)));
    }

    [Fact]
    public async Task EnqueueManyAsync_WhenThereAreNoJobs_AsksNobody() => Assert.Empty(await _client.EnqueueManyAsync([], cancellationToken: Cancellation));

    [Fact]
    public void GetHandle_WhenTheIdIsNone_SaysTheForm() =>
        Assert.Equal("A job id must be of the form <queue>~<partition>~<id>, got 'nonsense'; pass the Id of a handle.", Assert.Throws<InvalidJobException>(() => _client.GetHandle("nonsense")).Message);
}
