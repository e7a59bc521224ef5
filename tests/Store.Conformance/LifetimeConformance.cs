using Krewe.Storage;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>How finished jobs leave: by their time to live and by number. By the store's own clock.</summary>
public abstract class LifetimeConformance : StoreTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);

    /// <summary>For what must be written again before it is gone: a slow disk needs a while for that.</summary>
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(nameof(JobPlace.Done), true)]
    [InlineData(nameof(JobPlace.Done), false)]
    [InlineData(nameof(JobPlace.Dead), false)]
    public async Task Job_WhenItsTimeToLiveHasPassed_IsGoneFromEveryAnswer(string placeName, bool isListed)
    {
        var place = Enum.Parse<JobPlace>(placeName);
        await EndAsync("a", 1, place, Soon, isListed);
        await EndAsync("stays", 2, place, Steps.Hour, isListed);

        await EventuallyAsync(async () => await FindAsync("a") is null, "the job is gone");

        var isShown = isListed || place == JobPlace.Dead;
        Assert.Equal(isShown ? ["stays"] : [], (await ListAsync(place)).Select(job => job.Id));
        var counts = await Store.CountAsync(Key);
        Assert.Equal(isShown ? 1 : 0, counts.Dead + counts.Listed);
        Assert.Equal(StepResult.Unknown, (await TakeAsync(Steps.ToTail(JobVerb.Redrive, JobPlace.Final, Steps.Record("a", 3)))).Result);
    }

    [Fact]
    public async Task Add_WhenTheTombstonesTimeToLiveHasPassed_IsTaken()
    {
        await EndAsync("a", 1, JobPlace.Done, Soon, isListed: true);

        await EventuallyAsync(async () => (await TakeAsync(Steps.Add(Steps.Record("a", 2, 3)))).Result == StepResult.Taken, "the id is free again");

        var job = await FoundAsync("a");
        Assert.Equal((JobPlace.Ready, 3, 2L), (job.Place, job.Lane, job.Position));
        var counts = await Store.CountAsync(Key);
        Assert.Equal((1L, 0L), (counts.Ready, counts.Listed));
        Assert.Empty(await ListAsync(JobPlace.Done));
    }

    [Theory]
    [InlineData(nameof(JobPlace.Done))]
    [InlineData(nameof(JobPlace.Dead))]
    public async Task Redrive_WhenTaken_RemovesTheTimeToLive(string placeName)
    {
        var place = Enum.Parse<JobPlace>(placeName);
        await EndAsync("a", 1, place, Later, isListed: true);
        await EndAsync("witness", 2, place, Later, isListed: true);
        await TakenAsync(Steps.ToTail(JobVerb.Redrive, JobPlace.Final, Steps.Record("a", 3)));

        await EventuallyAsync(async () => await FindAsync("witness") is null, "the witness is gone");

        Assert.Equal(JobPlace.Ready, (await FoundAsync("a")).Place);
        Assert.Empty(await ListAsync(place));
    }

    [Theory]
    [InlineData(nameof(JobPlace.Done), true)]
    [InlineData(nameof(JobPlace.Done), false)]
    [InlineData(nameof(JobPlace.Dead), false)]
    public async Task Keep_WhenTaken_ProlongsTheTimeToLiveAndChangesNothingElse(string placeName, bool isListed)
    {
        var place = Enum.Parse<JobPlace>(placeName);
        await EndAsync("a", 1, place, Later, isListed);
        await EndAsync("witness", 2, place, Later, isListed);
        var before = await FoundAsync("a");
        await TakenAsync(new JobStep { Verb = JobVerb.Keep, Id = "a", From = place, To = place, Ttl = Steps.Hour, IsListed = isListed });

        await EventuallyAsync(async () => await FindAsync("witness") is null, "the witness is gone");

        var after = await FoundAsync("a");
        Assert.Equal((before.Place, before.Bytes, before.Record!.State), (after.Place, after.Bytes, after.Record!.State));
        var isShown = isListed || place == JobPlace.Dead;
        Assert.Equal(isShown ? ["a"] : [], (await ListAsync(place)).Select(job => job.Id));
        var counts = await Store.CountAsync(Key);
        Assert.Equal(isShown ? 1 : 0, counts.Dead + counts.Listed);
    }

    [Fact]
    public async Task Forget_WhenTaken_GivesTheTombstoneItsOwnTimeToLive()
    {
        await EndAsync("a", 1, JobPlace.Done, Later, isListed: true);
        await EndAsync("witness", 2, JobPlace.Done, Later, isListed: true);
        await TakenAsync(Steps.Forget(Steps.Record("a", 1)));

        await EventuallyAsync(async () => await FindAsync("witness") is null, "the witness is gone");

        Assert.True((await FoundAsync("a")).Record!.IsTombstone);
    }

    [Fact]
    public async Task Purge_WhenMoreThanAllowedAreListed_RemovesTheOldest()
    {
        for (var number = 0; number < 12; number++)
        {
            await EndAsync($"j{number:00}", number + 1, JobPlace.Done, number % 2 == 0 ? Steps.Hour : null, isListed: true);
        }

        await EndAsync("dead", 20, JobPlace.Dead, Steps.Hour, isListed: false);
        await EndAsync("tombstone", 21, JobPlace.Done, Steps.Hour, isListed: false);

        await PurgeAsync(5);

        Assert.Equal(["j11", "j10", "j09", "j08", "j07"], (await ListAsync(JobPlace.Done)).Select(job => job.Id));
        Assert.Equal(5, (await Store.CountAsync(Key)).Listed);
        Assert.Null(await FindAsync("j06"));
        Assert.NotNull(await FindAsync("dead"));
        Assert.NotNull(await FindAsync("tombstone"));
    }

    [Fact]
    public async Task Purge_WhenIdsMustStillBeKnown_TakesTheJobsOutOfTheListOnly()
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var (id, position, endedAt, hasCallerId) in new[] { ("old", 1, now.AddMinutes(-3), false), ("mine", 2, now.AddMinutes(-3), true), ("young", 3, now, false), ("stays", 4, now, false) })
        {
            var record = Steps.Record(id, position) with { FinishedAt = endedAt, HasCallerId = hasCallerId };
            await TakenAsync(Steps.Add(record));
            await TakenAsync(Steps.Claim(id, "t"));
            await TakenAsync(Steps.Succeed(record, "t"));
        }

        await PurgeAsync(1);

        Assert.Equal(["stays"], (await ListAsync(JobPlace.Done)).Select(job => job.Id));
        Assert.Equal(1, (await Store.CountAsync(Key)).Listed);
        Assert.Null(await FindAsync("old"));
        Assert.Equal(StepResult.Exists, (await TakeAsync(Steps.Add(Steps.Record("mine", 5)))).Result);
        Assert.Equal(StepResult.Exists, (await TakeAsync(Steps.Add(Steps.Record("young", 5)))).Result);
        await ReopenAsync();
        Assert.Equal(1, (await Store.CountAsync(Key)).Listed);
    }

    [Fact]
    public async Task Purge_WhenAJobIsAFlows_TakesItOutOfTheListOnly()
    {
        foreach (var (id, position, flowId) in new[] { ("member", 1, "f-1"), ("plain", 2, null), ("last", 3, null) })
        {
            var record = Steps.Record(id, position) with { FinishedAt = TimeProvider.System.GetUtcNow().AddDays(-3), FlowId = flowId };
            await TakenAsync(Steps.Add(record));
            await TakenAsync(Steps.Claim(id, "t"));
            await TakenAsync(Steps.Succeed(record, "t"));
        }

        await PurgeAsync(1);

        Assert.Null(await FindAsync("plain"));
        Assert.NotNull(await FindAsync("member"));
        Assert.Equal(["last"], (await ListAsync(JobPlace.Done)).Select(job => job.Id));
    }

    [Fact]
    public async Task Purge_WhenNothingIsToBeRemoved_SaysSo()
    {
        await TakenAsync(Steps.Add(Steps.Record("a", 1)));
        await EndAsync("b", 2, JobPlace.Done, Steps.Hour, isListed: true);

        Assert.False(await Store.PurgeAsync(Lease, 1));

        Assert.NotNull(await FindAsync("a"));
        Assert.NotNull(await FindAsync("b"));
    }

    [Fact]
    public async Task Purge_WhenThousandsAreToBeRemoved_TakesABoundedNumberACall()
    {
        for (var batch = 0; batch < 10; batch++)
        {
            var first = batch * 200;
            await TakenAsync([.. Enumerable.Range(first, 200).Select(number => Steps.Add(Steps.Record($"j{number}", number + 1)))]);
            await TakenAsync([.. Enumerable.Range(first, 200).Select(number => Steps.Finish(JobVerb.Cancel, JobPlace.Waiting, Steps.Record($"j{number}", number + 1), null, Steps.Hour))]);
        }

        Assert.True(await Store.PurgeAsync(Lease, 3), "2,000 jobs went in one call.");
        await PurgeAsync(3);

        Assert.Equal(["j1999", "j1998", "j1997"], (await ListAsync(JobPlace.Done)).Select(job => job.Id));
    }

    [Fact]
    public async Task Purge_WhenTimesToLiveHavePassed_CountsStayRight()
    {
        for (var number = 0; number < 6; number++)
        {
            await EndAsync($"j{number}", number + 1, number % 2 == 0 ? JobPlace.Done : JobPlace.Dead, number < 4 ? Soon : Steps.Hour, isListed: true);
        }

        await EventuallyAsync(async () => (await Store.FindAsync(Key, ["j0", "j1", "j2", "j3"])).All(job => job is null), "four jobs are gone");
        await PurgeAsync(100);

        var counts = await Store.CountAsync(Key);
        Assert.Equal((1L, 1L), (counts.Listed, counts.Dead));
        await ReopenAsync();
        counts = await Store.CountAsync(Key);
        Assert.Equal((1L, 1L), (counts.Listed, counts.Dead));
    }

    private async Task PurgeAsync(long maxListed)
    {
        for (var calls = 0; await Store.PurgeAsync(Lease, maxListed); calls++)
        {
            Assert.InRange(calls, 0, 100);
        }
    }

    private Task EndAsync(string id, long position, JobPlace place, TimeSpan? ttl, bool isListed)
    {
        var record = Steps.Record(id, position);
        var end = place == JobPlace.Dead ? Steps.Fail(record, "t") : Steps.Succeed(record, "t") with { IsListed = isListed };
        return TakenAsync(Steps.Add(record), Steps.Claim(id, "t"), end with { Ttl = ttl });
    }
}
