using System.Collections.Immutable;
using System.Reflection;
using Krewe.Diagnostics;
using Krewe.Dispatch;
using Krewe.Flows;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Krewe.Grains.Tests.Flows;

/// <summary>One flow's owner, activation after activation, with a log, a partition and a clock that do what a test says. Everything runs on one scheduler, as in a grain.</summary>
internal sealed class FlowRig
{
    private readonly TaskScheduler _turns = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
    private readonly FlowServices _services;
    private readonly List<Alarm> _alarms = [];
    private FlowOwner _owner;

    internal FlowRig()
    {
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        var members = Proxy.Of<IClusterMembershipService>((_, _) => new ClusterMembershipSnapshot(ImmutableDictionary<SiloAddress, ClusterMember>.Empty, new MembershipVersion(Membership)));
        _services = new FlowServices(
            Log, Partition, Proxy.Of<IGrainFactory>((method, _) => Partition.Grain(method.GetGenericArguments()[0])),
            Options.Create(new KreweOptions()), Time, members, new JobsMetrics(meters), NullLogger<ChordGrain>.Instance);
        _owner = NewOwner();
    }

    internal FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));

    internal RiggedLog Log { get; } = new();

    internal RiggedPartition Partition { get; } = new();

    internal long Membership { get; set; } = 1;

    /// <summary>Runs something as a turn of the grain.</summary>
    internal Task<T> OnAsync<T>(Func<FlowOwner, Task<T>> call) => Task.Factory.StartNew(() => call(_owner), CancellationToken.None, TaskCreationOptions.None, _turns).Unwrap();

    /// <inheritdoc cref="OnAsync{T}"/>
    internal Task OnAsync(Func<FlowOwner, Task> call) => OnAsync(async owner =>
    {
        await call(owner);
        return true;
    });

    /// <summary>The activation dies without a word; the next one knows what the log has.</summary>
    internal void Crash()
    {
        _alarms.Clear();
        _owner = NewOwner();
    }

    /// <summary>Lets everything run that can.</summary>
    internal async Task SettleAsync()
    {
        for (var turn = 0; turn < 40; turn++)
        {
            await OnAsync(async _ => await Task.Yield());
        }
    }

    /// <summary>Lets time pass, timers ring, and upkeep come by.</summary>
    internal async Task PassAsync(TimeSpan time)
    {
        Time.Advance(time);
        foreach (var alarm in _alarms.Where(alarm => alarm.IsSet).ToList())
        {
            alarm.IsSet = false;
            await OnAsync(_ => alarm.Callback());
        }

        await SettleAsync();
        try
        {
            await OnAsync(owner => owner.KeepUpAsync());
        }
        catch (Exception exception) when (exception is StoreUnavailableException or InvalidOperationException)
        {
            // As upkeep does: the next round.
        }

        await SettleAsync();
    }

    internal Task<OpenFlow?> OpenAsync() => OnAsync(owner => owner.OpenAsync().AsTask());

    /// <summary>The nodes of a plan as they travel.</summary>
    internal static NewFlowNode[] Nodes(Plan plan) => [.. plan.Nodes.Select((node, index) => new NewFlowNode
    {
        Kind = node.Kind,
        Parent = node.Parent,
        Role = node.Role,
        Queue = node.Kind == FlowNodeKind.Job ? "default" : null,
        Job = node.Kind == FlowNodeKind.Job ? Job($"f.{index}") : null,
    })];

    internal static NewJob Job(string id) => new() { Id = id, Name = "test", Args = "{}"u8.ToArray(), Fingerprint = 1 };

    private FlowOwner NewOwner() => new("f", _services, callback =>
    {
        var alarm = new Alarm(callback);
        _alarms.Add(alarm);
        return alarm;
    });

    private sealed class Alarm(Func<Task> callback) : IWakeTimer
    {
        internal Func<Task> Callback => callback;

        internal bool IsSet { get; set; }

        public void Set(TimeSpan after) => IsSet = true;

        public void Dispose() => IsSet = false;
    }
}

/// <summary>Makes objects of any interface that one function answers for.</summary>
public class Proxy : DispatchProxy
{
    private Func<MethodInfo, object?[], object?> _answer = (_, _) => null;

    internal static T Of<T>(Func<MethodInfo, object?[], object?> answer)
        where T : class
    {
        var made = Create<T, Proxy>();
        ((Proxy)(object)made)._answer = answer;
        return made;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer(targetMethod!, args ?? []);
}

/// <summary>A log that can hang, fail before it writes, or fail after it has written.</summary>
internal sealed class RiggedLog : IFlowStore
{
    private readonly List<byte[]> _entries = [];
    private FlowHead? _head;

    /// <summary>Asked before each append; may wait or throw.</summary>
    internal Func<Task> Before { get; set; } = static () => Task.CompletedTask;

    /// <summary>Asked after each append; may throw, though the append was taken.</summary>
    internal Func<Task> After { get; set; } = static () => Task.CompletedTask;

    internal int Length => _entries.Count;

    internal bool IsOpen => _head?.IsOpen == true;

    internal TimeSpan? Ttl => _head?.Ttl;

    public async Task<FlowAppend> AppendAsync(string id, long expectedLength, FlowHead head, IReadOnlyList<byte[]> entries)
    {
        await Task.Yield();
        await Before();
        if (expectedLength != _entries.Count)
        {
            return FlowAppend.WrongLength;
        }

        _entries.AddRange(entries);
        _head = head;
        await After();
        return FlowAppend.Taken;
    }

    public async Task<FlowLogPage?> ReadAsync(string id, long from)
    {
        await Task.Yield();
        return _head is null ? null : new FlowLogPage(_head, _entries.Count, [.. _entries.Skip((int)from)]);
    }

    public Task<IReadOnlyList<string>> ListOpenAsync(string? after, int max) => Task.FromResult<IReadOnlyList<string>>([]);

    public Task ForgetOpenAsync(string id) => Task.CompletedTask;

    public Task<FlowHeadPage> ListAsync(string? after, int max) => Task.FromResult(new FlowHeadPage([], null));
}

/// <summary>A partition whose jobs run until a test ends them.</summary>
internal sealed class RiggedPartition : IJobReads
{
    private readonly Dictionary<string, JobRecord> _jobs = [];

    /// <summary>Asked before jobs are started; may wait or throw.</summary>
    internal Func<Task> Before { get; set; } = static () => Task.CompletedTask;

    /// <summary>Ids in the order in which they were added or redriven.</summary>
    internal List<string> Started { get; } = [];

    internal List<string> Cancelled { get; } = [];

    /// <summary>Asked before lives are prolonged; may wait or throw.</summary>
    internal Func<Task> BeforeKeep { get; set; } = static () => Task.CompletedTask;

    /// <summary>Ends that replaced jobs were told.</summary>
    internal List<ReplacementEnd> ReplacedEnds { get; } = [];

    /// <summary>Ids whose lives were prolonged, and for how long.</summary>
    internal List<(string Id, TimeSpan AtLeast)> Kept { get; } = [];

    internal IEnumerable<JobRecord> Running => _jobs.Values.Where(job => !job.State.IsFinal());

    internal JobRecord this[string id] => _jobs[id];

    internal MemberEnd End(string id, JobState state)
    {
        _jobs[id] = _jobs[id] with { State = state };
        return new MemberEnd(_jobs[id].Member, state, _jobs[id].Run);
    }

    public Task<StoredJob?[]> FindAsync(PartitionKey key, IReadOnlyList<string> ids) => Task.FromResult(ids.Select(id => _jobs.TryGetValue(id, out var job) ? new StoredJob(id, Place(job), job, null, 0, 0, 0) : null).ToArray());

    internal object Grain(Type type) => type == typeof(IDispatchGrain)
        ? Proxy.Of<IDispatchGrain>((method, args) => method.Name switch
        {
            nameof(IDispatchGrain.StartMembersAsync) => StartAsync((NewJob[])args[0]!),
            nameof(IDispatchGrain.EndReplacedAsync) => EndReplacedAsync((ReplacementEnd)args[1]!),
            _ => KeepAsync((string[])args[0]!, (TimeSpan)args[1]!),
        })
        : Proxy.Of<IQueueGrain>((_, args) => CancelAsync((string)args[0]!));

    private async Task<MemberAnswer[]> StartAsync(NewJob[] jobs)
    {
        await Before();
        return Array.ConvertAll(jobs, Start);
    }

    /// <summary>A job's record is removed.</summary>
    internal void Remove(string id) => _jobs.Remove(id);

    private async Task<bool> EndReplacedAsync(ReplacementEnd end)
    {
        await Task.Yield();
        ReplacedEnds.Add(end);
        return true;
    }

    private async Task KeepAsync(string[] ids, TimeSpan atLeast)
    {
        await BeforeKeep();
        Kept.AddRange(ids.Select(id => (id, atLeast)));
    }

    private MemberAnswer Start(NewJob job)
    {
        if (!_jobs.TryGetValue(job.Id, out var there))
        {
            if (job.Args.Length == 0)
            {
                return MemberAnswer.Gone;
            }
        }
        else if (there.FlowId != job.FlowId)
        {
            return MemberAnswer.Conflict;
        }
        else if (!there.State.IsFinal() || there.Run >= job.Run)
        {
            return MemberAnswer.Started;
        }

        Started.Add(job.Id);
        _jobs[job.Id] = new JobRecord { Id = job.Id, Name = job.Name, State = JobState.Queued, FlowId = job.FlowId, Member = job.Member, Run = job.Run };
        return MemberAnswer.Started;
    }

    private async Task<bool> CancelAsync(string id)
    {
        await Task.Yield();
        if (!_jobs.TryGetValue(id, out var job) || job.State.IsFinal())
        {
            return false;
        }

        Cancelled.Add(id);
        return true;
    }

    private static JobPlace Place(JobRecord job) => job.State switch
    {
        JobState.Failed => JobPlace.Dead,
        _ when job.State.IsFinal() => JobPlace.Done,
        _ => JobPlace.Ready,
    };
}
