using Krewe.Diagnostics;
using Krewe.Dispatch;
using Krewe.Schedules;
using Krewe.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Krewe.Grains.Tests.Schedules;

/// <summary>One schedule's owner, activation after activation, with a store, a sender and a clock that do what a test says.</summary>
internal sealed class ScheduleRig
{
    private static readonly JobsMetrics Metrics = new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());

    private readonly ScheduleServices _services;

    internal ScheduleRig(DateTimeOffset now)
    {
        Time = new FakeTimeProvider(now);
        _services = new ScheduleServices(Store, Sender, new Whole(), Metrics, Time, NullLogger<ScheduleGrain>.Instance);
        Owner = NewOwner();
    }

    internal FakeTimeProvider Time { get; }

    internal RiggedStore Store { get; } = new();

    internal RiggedSender Sender { get; } = new();

    internal ScheduleOwner Owner { get; private set; }

    /// <summary>When the owner's timer rings; null: it is not set.</summary>
    internal TimeSpan? Timer { get; private set; }

    internal ScheduleRecord Stored => ScheduleJson.Read<ScheduleRecord>(Store.Row!.Content);

    /// <summary>The activation dies without a word.</summary>
    internal void Crash() => Owner = NewOwner();

    internal Task CreateAsync(Recurrence recurrence, ScheduleOptions? options = null) => Owner.CreateAsync(Order(recurrence, options ?? new ScheduleOptions()));

    internal static ScheduleOrder Order(Recurrence? recurrence, ScheduleOptions? options, string key = "k") => new()
    {
        Key = key,
        Definition = ScheduleJson.Write(new ScheduleDefinition { Recurrence = recurrence is null ? null : StoredRecurrence.Of(recurrence), Options = options }),
    };

    /// <summary>Lets the clock come to an instant, and the owner look.</summary>
    internal Task AtAsync(DateTimeOffset now)
    {
        Time.SetUtcNow(now);
        return Owner.WakeAsync();
    }

    private ScheduleOwner NewOwner() => new("s", _services, _ => new Alarm(this));

    private sealed class Alarm(ScheduleRig rig) : IWakeTimer
    {
        public void Set(TimeSpan after) => rig.Timer = after == Timeout.InfiniteTimeSpan ? null : after;

        public void Dispose()
        {
        }
    }

    /// <summary>As the engine does it, without looking for names.</summary>
    private sealed class Whole : IScheduleDefinitions
    {
        public ValueTask<ScheduleDefinition> CompleteAsync(ScheduleDefinition? known, ScheduleOrder order)
        {
            var said = ScheduleJson.Read<ScheduleDefinition>(order.Definition);
            return new(ScheduleDefinitions.Merge(known, known is null ? said with { Job = "test" } : said, flow: null));
        }
    }
}

/// <summary>A store of one schedule that fails when it is told to.</summary>
internal sealed class RiggedStore : IScheduleStore
{
    internal StoredSchedule? Row { get; set; }

    /// <summary>The next write fails without being taken.</summary>
    internal bool LosesWrite { get; set; }

    /// <summary>The next write is taken, and its answer is lost.</summary>
    internal bool LosesAnswer { get; set; }

    internal int Writes { get; private set; }

    public Task<StoredSchedule?> ReadAsync(string id) => Task.FromResult(Row);

    public Task<ScheduleWrite> WriteAsync(string id, string? expectedVersion, StoredSchedule? schedule)
    {
        if (LosesWrite)
        {
            LosesWrite = false;
            throw new StoreUnavailableException("The store is away.");
        }

        if (Row?.Version != expectedVersion)
        {
            return Task.FromResult(ScheduleWrite.WrongVersion);
        }

        (Row, Writes) = (schedule, Writes + 1);
        if (LosesAnswer)
        {
            LosesAnswer = false;
            throw new StoreUnavailableException("The answer is lost.");
        }

        return Task.FromResult(ScheduleWrite.Taken);
    }

    public Task<IReadOnlyList<StoredSchedule>> ListAsync(string? after, int max) => throw new NotSupportedException();

    public Task<IReadOnlyList<DueSchedule>> ListDueAsync(DateTimeOffset until, int skip, int max) => throw new NotSupportedException();
}

/// <summary>Keeps what is enqueued, once by id, as queues do.</summary>
internal sealed class RiggedSender : IOccurrenceSender
{
    private readonly HashSet<string> _ids = [];

    /// <summary>The due instants of what was enqueued, in order.</summary>
    internal List<DateTimeOffset> Sent { get; } = [];

    internal List<string> Cancelled { get; } = [];

    /// <summary>Thrown by the next enqueue.</summary>
    internal Exception? Failure { get; set; }

    /// <summary>The next enqueue is durable, and its answer is lost.</summary>
    internal bool LosesAnswer { get; set; }

    /// <summary>Whether what was enqueued has ended.</summary>
    internal bool HasEnded { get; set; } = true;

    public Task<(string Id, bool IsExisting)> SendAsync(ScheduleRecord schedule, string id, DateTimeOffset due)
    {
        if (Failure is { } failure)
        {
            Failure = null;
            throw failure;
        }

        var isNew = _ids.Add(id);
        if (isNew)
        {
            Sent.Add(due.ToUniversalTime());
        }

        if (LosesAnswer)
        {
            LosesAnswer = false;
            throw new StoreUnavailableException("The answer is lost.");
        }

        return Task.FromResult(($"default~0~{id}", !isNew));
    }

    public Task<bool> HasEndedAsync(string jobOrFlowId) => Task.FromResult(HasEnded);

    public Task CancelAsync(string jobOrFlowId, string reason)
    {
        Cancelled.Add(jobOrFlowId);
        return Task.CompletedTask;
    }
}
