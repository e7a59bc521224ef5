using Krewe.Queues;
using Krewe.Storage;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>The base of every class of the suite. A store joins by one subclass per class, each with nothing but its harness.</summary>
/// <remarks>Instants given to a store are whole milliseconds; instants that the store itself judges (times to live, unique keys) are of the real clock.</remarks>
public abstract class StoreTest : IAsyncLifetime
{
    private protected static readonly PartitionKey Key = new("default", 0);

    private protected IStoreHarness Harness { get; private set; } = null!;

    private protected PartitionLease Lease { get; set; } = null!;

    private protected IJobStore Store => Harness.Store;

    private protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Harness = CreateHarness();
        await Harness.StartAsync();
        Lease = await Store.OpenPartitionAsync(Key);
    }

    public async ValueTask DisposeAsync()
    {
        await Harness.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract IStoreHarness CreateHarness();

    private protected async Task<StepAnswer> TakeAsync(JobStep step) => Assert.Single(await Store.CommitAsync(Lease, [step]));

    /// <summary>Takes steps in one commit, all of which must be taken.</summary>
    private protected async Task TakenAsync(params JobStep[] steps)
    {
        var answers = await Store.CommitAsync(Lease, steps);
        Assert.All(answers, answer => Assert.Equal(StepResult.Taken, answer.Result));
    }

    private protected async Task<StoredJob?> FindAsync(string id) => Assert.Single(await Store.FindAsync(Key, [id]));

    private protected async Task<StoredJob> FoundAsync(string id)
    {
        var job = await FindAsync(id);
        Assert.NotNull(job);
        return job;
    }

    private protected async Task ReopenAsync()
    {
        await Harness.ReopenAsync();
        Lease = await Store.OpenPartitionAsync(Key);
    }

    private protected async Task<List<StoredJob>> ListAsync(JobPlace place, int pageSize = 1000)
    {
        List<StoredJob> jobs = [];
        string? after = null;
        do
        {
            var page = await Store.ListAsync(Key, place, after, pageSize);
            Assert.True(page.Jobs.Count <= pageSize, "A page holds more jobs than asked for.");
            jobs.AddRange(page.Jobs);
            after = page.Next;
        }
        while (after is not null && jobs.Count < 100_000);

        return jobs;
    }

    /// <summary>Asks until the answer holds, for a bounded time. For facts that only the store's own clock brings about.</summary>
    private protected static async Task EventuallyAsync(Func<Task<bool>> holds, string fact)
    {
        var deadline = TimeProvider.System.GetUtcNow().AddSeconds(60);
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetUtcNow() < deadline, $"Within 60 s, expected: {fact}.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancelled);
        }
    }
}
