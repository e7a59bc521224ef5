using Krewe.Cluster.Tests.Jobs;
using Krewe.Dispatch;
using Krewe.Queues;
using Krewe.Storage;
using Krewe.Storage.Sqlite;
using Krewe.Testing;
using Krewe.Testing.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Cluster.Tests.Claims;

/// <summary>A call that comes while a partition is being opened finds it as it will be, or waits.</summary>
public sealed class OpeningTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Enqueue_WhileThePartitionIsBeingOpened_IsNotForgottenWhenItsInstantComes()
    {
        var listing = new Listing();
        await using var silo = await KreweHost.StartAsync(new KreweSetup
        {
            Krewe = krewe => krewe.AddJob<EchoTextHandler>(),
            Options = options => options.ConsumedQueues = new Dictionary<string, int> { ["low"] = 1 }, // So nobody opens the other one before the test does.
            Services = services => services.AddSingleton<IJobStore>(provider => new SlowStore(ActivatorUtilities.CreateInstance<SqliteJobStore>(provider), listing)),
        });
        await silo.Jobs.EnqueueAsync(new EchoText("learns the queues"), new EnqueueOptions { Queue = "low" }, Cancellation);

        var asked = listing.Hold();
        var opens = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IDispatchGrain>("default~0").PingAsync();
        await asked;
        var enqueue = silo.Jobs.EnqueueAsync(new EchoText("comes beside"), new EnqueueOptions { Delay = Some.Moment }, Cancellation);
        await Task.WhenAny(enqueue, Task.Delay(Some.Moment, TimeProvider.System, Cancellation));
        listing.GoOn();
        await opens;

        await silo.Setup.Events.Until("job.promoted", (await enqueue).Id);
    }

    /// <summary>Holds the store's answer about its queues.</summary>
    private sealed class Listing
    {
        private TaskCompletionSource _asked = new();
        private TaskCompletionSource _goOn = new();

        public Listing() => _goOn.SetResult();

        /// <summary>From now on nobody is answered.</summary>
        /// <returns>Ends when somebody asks.</returns>
        public Task Hold()
        {
            (_asked, _goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
            return _asked.Task;
        }

        public void GoOn() => _goOn.SetResult();

        public async Task<IReadOnlyDictionary<string, int>> AnswerAsync(Task<IReadOnlyDictionary<string, int>> answer)
        {
            _asked.TrySetResult();
            await _goOn.Task;
            return await answer;
        }
    }

    /// <summary>A store that answers everything as the real one does, about its queues when it may.</summary>
    private sealed class SlowStore(IJobStore store, Listing listing) : IJobStore
    {
        public string Kind => store.Kind;

        public bool IsExclusive => store.IsExclusive;

        public Task<IReadOnlyDictionary<string, int>> ListQueuesAsync() => listing.AnswerAsync(store.ListQueuesAsync());

        public Task ConnectAsync(TimeSpan wait, CancellationToken cancellationToken) => store.ConnectAsync(wait, cancellationToken);

        public Task PingAsync(CancellationToken cancellationToken) => store.PingAsync(cancellationToken);

        public Task<int> DeclareQueueAsync(string queue, int partitions) => store.DeclareQueueAsync(queue, partitions);

        public Task DeclareNamesAsync(IReadOnlyCollection<string> names) => store.DeclareNamesAsync(names);

        public Task<bool> IsNameDeclaredAsync(string name, TimeSpan within) => store.IsNameDeclaredAsync(name, within);

        public Task<IReadOnlyList<PartitionKey>> ListPartitionsAsync() => store.ListPartitionsAsync();

        public Task<PartitionLease> OpenPartitionAsync(PartitionKey key) => store.OpenPartitionAsync(key);

        public Task<bool> ClosePartitionAsync(PartitionLease lease) => store.ClosePartitionAsync(lease);

        public Task CheckPartitionAsync(PartitionLease lease) => store.CheckPartitionAsync(lease);

        public Task<StepAnswer[]> CommitAsync(PartitionLease lease, IReadOnlyList<JobStep> steps) => store.CommitAsync(lease, steps);

        public Task<LanePage> ReadLaneAsync(PartitionKey key, int lane, long after, int max) => store.ReadLaneAsync(key, lane, after, max);

        public Task<DuePage> ReadDueAsync(PartitionKey key, DateTimeOffset until, int max) => store.ReadDueAsync(key, until, max);

        public Task<DuePage> ReadExpiringAsync(PartitionKey key, DateTimeOffset until, int max) => store.ReadExpiringAsync(key, until, max);

        public Task<IReadOnlyList<StoredJob>> ReadRunningAsync(PartitionKey key) => store.ReadRunningAsync(key);

        public Task<IReadOnlyList<StoredJob>> ReadParkedAsync(PartitionKey key, string name, int max) => store.ReadParkedAsync(key, name, max);

        public Task<StoredJob?[]> FindAsync(PartitionKey key, IReadOnlyList<string> ids) => store.FindAsync(key, ids);

        public Task<StorePage> ListAsync(PartitionKey key, JobPlace place, string? after, int max) => store.ListAsync(key, place, after, max);

        public Task<PartitionCounts> CountAsync(PartitionKey key) => store.CountAsync(key);

        public Task<bool> PurgeAsync(PartitionLease lease, long maxListed) => store.PurgeAsync(lease, maxListed);

        public ValueTask DisposeAsync() => store.DisposeAsync();
    }
}
