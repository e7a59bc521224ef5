using Krewe.Cluster.Tests.Jobs;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Cluster.Tests.Results;

/// <summary>Finished jobs are bounded by number too, however long their time to live is; their ids are known as long as they may be repeated.</summary>
public sealed class FinishedTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private const int MaxFinished = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Finished_WhenTheyAreMoreThanAllowed_TheOldestLeaveTheListAndDeadLettersStay(bool isOnRedis)
    {
        await using var silo = await KreweHost.StartAsync(new KreweSetup
        {
            Redis = isOnRedis ? redis.Server : null,
            Krewe = krewe => krewe.AddJob<AddNumbersHandler>(),
            Options = options => (options.Partitions, options.MaxFinished) = (1, MaxFinished),
        });
        var dead = await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(context => throw context.Fail("Broken.")), cancellationToken: Cancellation);
        await dead.EndAsync();
        var first = await silo.Jobs.EnqueueAsync(new AddNumbers(1, 1), cancellationToken: Cancellation);
        await first.EndAsync();

        // It is looked after now and then, as jobs end; so more of them end until it was.
        for (var rounds = 0; await IsListedAsync(silo, first); rounds++)
        {
            Assert.InRange(rounds, 0, 30);
            var handles = await silo.Jobs.EnqueueManyAsync(Enumerable.Range(0, 250).Select(number => new AddNumbers(number, 1)), cancellationToken: Cancellation);
            await Task.WhenAll(handles.Select(handle => handle.EndAsync()));
        }

        Assert.Equal((JobState.Failed, JobState.Succeeded), ((await dead.InfoAsync()).State, (await first.InfoAsync()).State));
    }

    private static async Task<bool> IsListedAsync(KreweHost silo, JobHandle handle)
    {
        var query = new JobQuery { State = JobState.Succeeded, Limit = 500 };
        JobPage page;
        do
        {
            page = await silo.Jobs.Queues.ListJobsAsync(query, Cancellation);
            query = query with { After = page.Next };
        }
        while (page.Next is not null && page.Jobs.All(job => job.Id != handle.Id));

        return page.Jobs.Any(job => job.Id == handle.Id);
    }
}
