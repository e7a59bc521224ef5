using System.Text.Json;

namespace Krewe.Silo.Tests.Api;

/// <summary>A client that knows the jobs it is given, and keeps what it is asked to enqueue.</summary>
internal sealed class FakeJobs : IJobClient, IQueueInspector, IWorkerInspector
{
    public const string Id = "default~0~abc";

    public List<(string Name, string Args, EnqueueOptions? Options)> Enqueued { get; } = [];

    public List<JobQuery> Queries { get; } = [];

    /// <summary>Thrown by every enqueue and listing while it is set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Whether enqueues meet a job that is there.</summary>
    public bool IsExisting { get; set; }

    public Dictionary<string, FakeHandle> Known { get; } = [];

    public IQueueInspector Queues => this;

    public IWorkerInspector Workers => this;

    public IScheduleClient Schedules => throw new NotSupportedException();

    public Task<JobHandle> EnqueueAsync(string jobName, JsonElement args, EnqueueOptions? options = null, CancellationToken cancellationToken = default)
    {
        lock (Enqueued)
        {
            Enqueued.Add((jobName, args.GetRawText(), options));
            return Failure is null ? Task.FromResult<JobHandle>(new FakeHandle($"default~0~{Enqueued.Count}", IsExisting)) : Task.FromException<JobHandle>(Failure);
        }
    }

    public JobHandle GetHandle(string jobId) => JobIds.TryParse(jobId, out _, out _, out _)
        ? Known.GetValueOrDefault(jobId) ?? new FakeHandle(jobId)
        : throw new InvalidJobException($"'{jobId}' is no id.");

    public Task<JobPage> ListJobsAsync(JobQuery? query = null, CancellationToken cancellationToken = default)
    {
        Queries.Add(query!);
        return Failure is null ? Task.FromResult(new JobPage([.. Known.Values.Select(job => job.Info!)], "next-1")) : Task.FromException<JobPage>(Failure);
    }

    Task<IReadOnlyList<QueueInfo>> IQueueInspector.ListAsync(CancellationToken cancellationToken) => Failure is null
        ? Task.FromResult<IReadOnlyList<QueueInfo>>([new QueueInfo { Name = "default", Partitions = 1, Queued = 3, OldestAge = TimeSpan.FromSeconds(5) }])
        : Task.FromException<IReadOnlyList<QueueInfo>>(Failure);

    Task<IReadOnlyList<WorkerInfo>> IWorkerInspector.ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<WorkerInfo>>([new WorkerInfo { Name = "worker-1", Silo = "S127.0.0.1:11111:1", Slots = new Dictionary<string, int> { ["*"] = 20 }, Handlers = ["a.b"] }]);

    public Task<JobHandle> EnqueueAsync(IJob job, EnqueueOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<JobHandle<T>> EnqueueAsync<T>(IJob<T> job, EnqueueOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<IReadOnlyList<JobHandle>> EnqueueManyAsync(IEnumerable<IJob> jobs, EnqueueOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<IReadOnlyList<JobHandle<T>>> EnqueueManyAsync<T>(IEnumerable<IJob<T>> jobs, EnqueueOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<FlowHandle<T>> EnqueueAsync<T>(Flow<T> flow, FlowOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public async Task<FlowHandle> EnqueueAsync(Flow flow, FlowOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (text, nodes) = await FakeFlow.CompileAsync(flow, options, cancellationToken);
        Flows.Add((text, nodes, options));
        return Failure is null ? new FakeFlow(options?.Id ?? $"flow-{Flows.Count}", IsExisting) : throw Failure;
    }

    /// <summary>The flows that were enqueued.</summary>
    public List<(string Text, Krewe.Flows.NewFlowNode[] Nodes, FlowOptions? Options)> Flows { get; } = [];

    public Dictionary<string, FakeFlow> KnownFlows { get; } = [];

    public List<(string? After, int Limit)> FlowQueries { get; } = [];

    public FlowHandle GetFlow(string flowId) => KnownFlows.GetValueOrDefault(flowId) ?? new FakeFlow(flowId);

    public Task<FlowPage> ListFlowsAsync(string? after = null, int limit = 50, CancellationToken cancellationToken = default)
    {
        FlowQueries.Add((after, limit));
        return Failure is null ? Task.FromResult(new FlowPage([.. KnownFlows.Values.Select(flow => flow.Info!)], "next-1")) : Task.FromException<FlowPage>(Failure);
    }

    public FlowHandle<T> GetFlow<T>(string flowId) => throw new NotSupportedException();

    public JobHandle<T> GetHandle<T>(string jobId) => throw new NotSupportedException();

    public IAsyncEnumerable<JobEvent> WatchAsync(JobEventFilter? filter = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Makes a flow known.</summary>
    public FakeFlow AddFlow(JobState state, string id = "f")
    {
        var flow = new FakeFlow(id) { Info = new FlowInfo { Id = id, State = state, CreatedAt = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero), IsSealed = true } };
        KnownFlows[id] = flow;
        return flow;
    }

    /// <summary>Makes a job known.</summary>
    public FakeHandle Add(JobState state, string id = Id)
    {
        var handle = new FakeHandle(id) { Info = new JobInfo { Id = id, Name = "a.b", Queue = "default", State = state, SoftTimeLimit = TimeSpan.FromSeconds(5) } };
        Known[id] = handle;
        return handle;
    }
}

/// <summary>A job that answers as it is told.</summary>
internal sealed class FakeHandle(string id, bool isExisting = false) : JobHandle(id, isExisting)
{
    public JobInfo? Info { get; set; }

    /// <summary>What cancel, redrive and forget answer.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Thrown by redrive and by reading the result.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Thrown by reading the job.</summary>
    public Exception? InfoFailure { get; set; }

    /// <summary>The result as JSON; null: none.</summary>
    public string? Result { get; set; }

    /// <summary>Whether reading the result waits until it is given up.</summary>
    public bool IsPending { get; set; }

    public List<TimeSpan?> Waits { get; } = [];

    public override Task<JobInfo?> GetInfoAsync(CancellationToken cancellationToken = default) => InfoFailure is null ? Task.FromResult(Info) : Task.FromException<JobInfo?>(InfoFailure);

    public override Task<JobState> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override async Task<T> GetResultAsync<T>(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        Waits.Add(timeout);
        if (IsPending)
        {
            await Task.Delay(timeout!.Value, TimeProvider.System, cancellationToken);
            throw new TimeoutException("The job was not final in time.");
        }

        return Failure is not null ? throw Failure
            : Info is null ? throw new ResultGoneException(Id, isKnown: false)
            : Result is null ? default! : JsonSerializer.Deserialize<T>(Result)!;
    }

    public override Task<bool> CancelAsync(CancellationToken cancellationToken = default) => Task.FromResult(IsTaken);

    public override Task<bool> RedriveAsync(CancellationToken cancellationToken = default) => Failure is null ? Task.FromResult(IsTaken) : Task.FromException<bool>(Failure);

    public override Task<bool> ForgetAsync(CancellationToken cancellationToken = default) => Task.FromResult(IsTaken);
}
