using System.Collections.Concurrent;
using System.Threading.Channels;
using Krewe.Flows;
using Krewe.Hosting;
using Krewe.Queues;
using Krewe.Schedules;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Krewe.Client.Tests.Fakes;

/// <summary>Stands for the cluster: grains that answer as a test says.</summary>
internal sealed class FakeCluster : IGrainFactory
{
    private readonly ConcurrentDictionary<string, FakeQueue> _queues = new();
    private readonly ConcurrentDictionary<string, FakeHub> _hubs = new();
    private readonly ConcurrentDictionary<string, FakeFlow> _flows = new();

    public FakeCatalogue Catalogue { get; } = new();

    /// <summary>While false, grains are unknown, as before Orleans has connected.</summary>
    public bool IsConnected { get; set; } = true;

    public FakeQueue Queue(string key = "default~0") => _queues.GetOrAdd(key, static text => new FakeQueue(text));

    /// <summary>A flow by its id; answers, once it is asked for here, as <see cref="OnFlow"/> says.</summary>
    public FakeFlow Flow(string id) => _flows.GetOrAdd(id, text =>
    {
        var flow = new FakeFlow(text);
        OnFlow(flow);
        return flow;
    });

    /// <summary>Sets up each flow before its first call.</summary>
    public Action<FakeFlow> OnFlow { get; set; } = _ => { };

    /// <summary>The flows that were called.</summary>
    public ICollection<FakeFlow> Flows => _flows.Values;

    /// <summary>Answers the delete of a schedule.</summary>
    public Func<string, Task<bool>> OnDeleteSchedule { get; set; } = _ => Task.FromResult(true);

    public FakeHub Hub(string silo) => _hubs.GetOrAdd(silo, static _ => new FakeHub());

    /// <summary>The client under test, wired as in a process.</summary>
    public ServiceProvider Services(TimeProvider? time = null, Action<KreweOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddKreweJobClient();
        services.AddSingleton<IGrainFactory>(this);
        services.AddSingleton(time ?? TimeProvider.System);
        services.Configure(configure ?? (_ => { }));
        return services.BuildServiceProvider();
    }

    public JobClient Client(TimeProvider? time = null, Action<KreweOptions>? configure = null) => Services(time, configure).GetRequiredService<JobClient>();

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey => (TGrainInterface)(typeof(TGrainInterface) switch
        {
            var grain when grain == typeof(IQueueGrain) => Queue(primaryKey),
            var grain when grain == typeof(IChordGrain) => Flow(primaryKey),
            var grain when grain == typeof(IScheduleGrain) => FakeSchedule.With(() => OnDeleteSchedule(primaryKey)),
            _ => (object)Hub(primaryKey),
        });

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey => IsConnected ? (TGrainInterface)(object)Catalogue : throw new ArgumentException("Could not find an implementation");

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => (TGrainObserverInterface)obj;

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
    }

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey => throw new NotSupportedException();

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidCompoundKey => throw new NotSupportedException();

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerCompoundKey => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension) => throw new NotSupportedException();

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable => throw new NotSupportedException();

    public IAddressable GetGrain(GrainId grainId) => throw new NotSupportedException();

    public IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType) => throw new NotSupportedException();

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey, string grainClassNamePrefix) => throw new NotSupportedException();

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey) => throw new NotSupportedException();
}

/// <summary>A clock that tells which timers were armed, so that a test advances it only when somebody waits.</summary>
internal sealed class ArmedTime() : FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero))
{
    private readonly Channel<TimeSpan> _armed = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _armed.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Waits until a timer of this length is armed.</summary>
    public async Task UntilArmedAsync(TimeSpan dueTime)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await _armed.Reader.ReadAsync(limit.Token) != dueTime)
        {
        }
    }

    /// <summary>Waits until a timer of this length is armed, and lets it fire.</summary>
    public async Task PassAsync(TimeSpan dueTime)
    {
        await UntilArmedAsync(dueTime);
        Advance(dueTime);
    }
}

internal sealed class FakeCatalogue : ICatalogueGrain
{
    public ConcurrentDictionary<string, int> Queues { get; } = new() { ["critical"] = 1, ["default"] = 1, ["low"] = 1 };

    public int QueueReads;

    public bool CreatesMissingQueues { get; set; }

    public List<WorkerInfo> Workers { get; } = [];

    public List<string> Silos { get; set; } = [];

    /// <summary>Called at each reading of the queues.</summary>
    public Action OnRead { get; set; } = () => { };

    public Task<Dictionary<string, int>> GetQueuesAsync()
    {
        Interlocked.Increment(ref QueueReads);
        OnRead();
        return Task.FromResult(new Dictionary<string, int>(Queues));
    }

    public Task<int> CreateQueueAsync(string queue) => CreatesMissingQueues ? Task.FromResult(Queues[queue] = 2) : throw new UnknownQueueException(queue);

    public Task<bool> IsNameDeclaredAsync(string jobName) => throw new NotSupportedException();

    public Task<List<WorkerInfo>> GetWorkersAsync() => Task.FromResult(Workers);

    public Task<List<string>> GetSilosAsync() => Task.FromResult(Silos);

    public Func<string?, int, FlowPage> OnListFlows { get; set; } = (_, _) => new FlowPage([], null);

    public Task<FlowPage> ListFlowsAsync(string? after, int limit) => Task.FromResult(OnListFlows(after, limit));
}

internal sealed class FakeHub : IEventHubGrain
{
    private readonly Channel<IJobEventObserver> _watches = Channel.CreateUnbounded<IJobEventObserver>();

    public ChannelReader<IJobEventObserver> Watches => _watches.Reader;

    public int Unwatches { get; private set; }

    public Task WatchAsync(IJobEventObserver observer, JobEventFilter? filter)
    {
        _watches.Writer.TryWrite(observer);
        return Task.CompletedTask;
    }

    public Task UnwatchAsync(IJobEventObserver observer)
    {
        Unwatches++;
        return Task.CompletedTask;
    }
}
