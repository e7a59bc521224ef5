using Krewe.Load.Jobs;
using Krewe.Load.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Krewe.Load;

/// <summary>A real silo in this process, or a cluster of several, on the store under test, with the jobs of the benchmark and the product's defaults but for the slots.</summary>
internal sealed class LoadSilo : IAsyncDisposable
{
    private const int BulkSize = 100;
    private const int BulkCallers = 8;
    private const int MaxUnderWay = 10_000;
    private const string Queue = "default";
    private static readonly TimeSpan SteadyTick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly List<IHost> _hosts;
    private readonly TimeProvider _time;
    private readonly int _slots;

    private LoadSilo(List<IHost> hosts, StartLedger ledger, TimeProvider time, int slots) => (_hosts, Ledger, _time, _slots) = (hosts, ledger, time, slots);

    /// <summary>The client of the first silo.</summary>
    internal IJobClient Client => _hosts[0].Services.GetRequiredService<IJobClient>();

    internal StartLedger Ledger { get; }

    internal static async Task<LoadSilo> StartAsync(IStoreUnderTest store, LoadFlags flags, TimeProvider time, CancellationToken cancellationToken)
    {
        var slots = (flags.Concurrency + flags.Silos - 1) / flags.Silos;
        var silo = new LoadSilo([], new StartLedger(time), time, slots * flags.Silos);
        try
        {
            while (silo._hosts.Count < flags.Silos)
            {
                silo._hosts.Add(Build(store, silo.Ledger, slots));
                await silo._hosts[^1].StartAsync(cancellationToken);
            }

            return silo;
        }
        catch
        {
            silo._hosts.ForEach(static host => host.Dispose());
            throw;
        }
    }

    /// <summary>Occupies every slot with a gate, so that what is enqueued next stays queued until <see cref="StartLedger.OpenGate"/>.</summary>
    internal async Task HoldAsync(CancellationToken cancellationToken)
    {
        var held = Ledger.ShutGate(_slots);
        await Client.EnqueueManyAsync(Enumerable.Range(0, _slots).Select(number => new Gate(number)), cancellationToken: cancellationToken);
        await AwaitAsync(held, "the gates hold every slot", cancellationToken);
    }

    /// <summary>Enqueues one by one: each caller awaits its call before the next.</summary>
    internal Task EnqueueEachAsync(int jobs, int callers, CancellationToken cancellationToken) => EachCallerAsync(jobs, callers, async (first, last) =>
    {
        for (var number = first; number < last; number++)
        {
            await Client.EnqueueAsync(NoOp.Of(number, _time.GetTimestamp()), cancellationToken: cancellationToken);
        }
    });

    /// <summary>Enqueues so many a second, whatever becomes of those before; fewer while too many calls are under way.</summary>
    /// <returns>How many were enqueued.</returns>
    internal async Task<long> EnqueueSteadilyAsync(int perSecond, TimeSpan span, EnqueueOptions options, CancellationToken cancellationToken)
    {
        var (started, underWay, sent) = (_time.GetTimestamp(), 0, 0L);
        using var timer = new PeriodicTimer(SteadyTick, _time);
        Exception? failure = null;
        for (long due = 0; _time.GetElapsedTime(started) < span && await timer.WaitForNextTickAsync(cancellationToken);)
        {
            for (var goal = (long)(_time.GetElapsedTime(started).TotalSeconds * perSecond); due < goal; due++)
            {
                if (Volatile.Read(ref underWay) < MaxUnderWay)
                {
                    Interlocked.Increment(ref underWay);
                    _ = EnqueueOneAsync((int)(sent++ % int.MaxValue));
                }
            }
        }

        while (Volatile.Read(ref underWay) > 0)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }

        return failure is null ? sent : throw new InvalidOperationException("An enqueue failed; the figure is void.", failure);

        async Task EnqueueOneAsync(int number)
        {
            try
            {
                await Client.EnqueueAsync(NoOp.Of(number, _time.GetTimestamp()), options, cancellationToken);
            }
            catch (Exception exception)
            {
                failure = exception; // Broad: whatever it was, it voids the run, whose other calls go on.
            }
            finally
            {
                Interlocked.Decrement(ref underWay);
            }
        }
    }

    /// <summary>Enqueues in bulks of 100 from 8 callers.</summary>
    /// <param name="jobs">How many.</param>
    /// <param name="options">What each call sets; null: nothing.</param>
    /// <param name="countedFrom">Since when their waits count; null: since their own enqueue.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal Task EnqueueBulkAsync(int jobs, EnqueueOptions? options, long? countedFrom, CancellationToken cancellationToken) => EachCallerAsync(jobs, BulkCallers, async (first, last) =>
    {
        for (var from = first; from < last; from += BulkSize)
        {
            var since = countedFrom ?? _time.GetTimestamp();
            var bulk = Enumerable.Range(from, Math.Min(BulkSize, last - from)).Select(number => NoOp.Of(number, since));
            await Client.EnqueueManyAsync(bulk, options, cancellationToken);
        }
    });

    /// <summary>Waits, with an end to the patience.</summary>
    internal async Task AwaitAsync(Task fact, string what, CancellationToken cancellationToken)
    {
        try
        {
            await fact.WaitAsync(Patience, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Expected within {Patience} that {what}; the queue holds {await CountAsync(cancellationToken)}.");
        }
    }

    /// <summary>Fails unless the store itself says that no job is left.</summary>
    internal async Task RequireEmptyAsync(CancellationToken cancellationToken)
    {
        var count = await CountAsync(cancellationToken);
        if (count is not { Queued: 0, Scheduled: 0, Parked: 0, Dead: 0 })
        {
            throw new InvalidOperationException($"Expected an empty queue after the last outcome was recorded, got {count}; the figure is void.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in Enumerable.Reverse(_hosts))
        {
            await host.StopAsync(CancellationToken.None);
            await ((IAsyncDisposable)host).DisposeAsync();
        }
    }

    private static IHost Build(IStoreUnderTest store, StartLedger ledger, int slots)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>().AddSingleton(ledger);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.UseOrleans(silo => silo.AddKrewe(krewe =>
        {
            store.Use(krewe, SiloPorts.Free());
            krewe.AddJob<NoOpHandler>().AddJob<TallyHandler>().AddJob<GateHandler>().Configure(options => (options.Concurrency, options.Drain) = (slots, TimeSpan.Zero));
        }));
        return builder.Build();
    }

    private static Task EachCallerAsync(int jobs, int callers, Func<int, int, Task> enqueueAsync) => Task.WhenAll(Enumerable.Range(0, callers).Select(caller =>
        Task.Run(() => enqueueAsync((int)((long)jobs * caller / callers), (int)((long)jobs * (caller + 1) / callers)))));

    private async Task<QueueInfo?> CountAsync(CancellationToken cancellationToken) =>
        (await Client.Queues.ListAsync(cancellationToken)).SingleOrDefault(queue => queue.Name == Queue);

    /// <summary>Leaves signals to the program and says nothing on stdout.</summary>
    private sealed class QuietLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
