using Krewe.Jobs;
using Krewe.Storage;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>In what order jobs come back, page by page.</summary>
public abstract class OrderConformance : StoreTest
{
    [Fact]
    public async Task ReadLane_WhenPositionsCameOutOfOrder_ReadsByPosition()
    {
        // Positions of one lane grow from commit to commit; between lanes they are mixed.
        await TakenAsync(Add("a", 1, 5), Add("b", 2, 0), Add("c", 3, 5), Add("d", 10, 5), Add("e", 200, 5));

        var page = await Store.ReadLaneAsync(Key, 5, -1, 100);

        Assert.Equal(["a@1", "c@3", "d@10", "e@200"], Positions(page.Jobs));
        Assert.Equal((200L, true), (page.LastPosition, page.IsEnd));
        Assert.Equal(["b@2"], Positions((await Store.ReadLaneAsync(Key, 0, -1, 100)).Jobs));
    }

    [Fact]
    public async Task ReadLane_WhenPaged_CoversTheLaneOnce()
    {
        await TakenAsync([.. Enumerable.Range(0, 25).Select(number => Add($"j{number:00}", (number * 3) + 1, 2))]);

        List<StoredJob> jobs = [];
        var (page, after, pages) = (new LanePage([], -1, false), -1L, 0);
        while (!page.IsEnd)
        {
            page = await Store.ReadLaneAsync(Key, 2, after, 10);
            Assert.InRange(page.Jobs.Count, 0, 10);
            jobs.AddRange(page.Jobs);
            (after, pages) = (page.LastPosition, pages + 1);
            Assert.InRange(pages, 1, 4);
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(number => $"j{number:00}@{(number * 3) + 1}"), Positions(jobs));
    }

    [Fact]
    public async Task ReadLane_WhenLaneIsEmpty_IsAtItsEnd()
    {
        var page = await Store.ReadLaneAsync(Key, 9, 41, 10);

        Assert.Empty(page.Jobs);
        Assert.True(page.IsEnd);
    }

    [Fact]
    public async Task ReadLane_WhenJobsLeft_OffersOnlyTheReadyOnes()
    {
        string[] ids = ["ready", "running", "parked", "done", "dead", "released", "last"];
        await TakenAsync([.. ids.Select((id, index) => Add(id, index + 1, 0))]);
        await TakenAsync(
            Steps.Claim("running", "t"),
            Steps.Park(JobPlace.Ready, Steps.Record("parked", 3)),
            Steps.Finish(JobVerb.Cancel, JobPlace.Waiting, Steps.Record("done", 4), null, Steps.Hour),
            Steps.Bury("dead"),
            Steps.Claim("released", "t"),
            Steps.Release("released", "t"));

        Assert.Equal(["ready@1", "released@6", "last@7"], Positions(await WholeLaneAsync(0, 2)));
    }

    [Fact]
    public async Task ReadLane_WhenAllEntriesAreLeftOvers_StillComesToItsEnd()
    {
        await TakenAsync([.. Enumerable.Range(0, 100).Select(number => Add($"j{number}", number + 1, 0))]);
        await TakenAsync([.. Enumerable.Range(0, 99).Select(number => Steps.Finish(JobVerb.Cancel, JobPlace.Waiting, Steps.Record($"j{number}", number + 1), null, Steps.Hour))]);

        Assert.Equal(["j99@100"], Positions(await WholeLaneAsync(0, 10)));
    }

    [Fact]
    public async Task ReadLane_WhenRescuedOrReleased_KeepsItsPlace()
    {
        await TakenAsync(Add("a", 1, 0), Add("b", 2, 0), Add("c", 3, 0));
        await TakenAsync(Steps.Claim("a", "ta"), Steps.Claim("b", "tb"));

        await TakenAsync(Steps.Rescue(Steps.Record("b", 77), "tb"), Steps.Release("a", "ta"));

        Assert.Equal(["a@1", "b@2", "c@3"], Positions(await WholeLaneAsync(0, 10)));
    }

    [Fact]
    public async Task ReadLane_WhenRetriedPromotedUnparkedOrRedriven_JoinsAtTheTail()
    {
        await TakenAsync(Add("retried", 1, 0), Add("parked", 2, 0), Add("dead", 3, 0), Add("other", 4, 0), Steps.AddDue(Steps.Record("due", 5), Steps.Noon));
        await TakenAsync(Steps.Claim("retried", "t"), Steps.Park(JobPlace.Ready, Steps.Record("parked", 2)), Steps.Bury("dead"));

        await TakenAsync(
            Steps.ToTail(JobVerb.Retry, JobPlace.Running, Steps.Record("retried", 6), "t"),
            Steps.ToTail(JobVerb.Unpark, JobPlace.Parked, Steps.Record("parked", 7)),
            Steps.ToTail(JobVerb.Redrive, JobPlace.Final, Steps.Record("dead", 8)),
            Steps.ToTail(JobVerb.Promote, JobPlace.Due, Steps.Record("due", 9)));

        Assert.Equal(["other@4", "retried@6", "parked@7", "dead@8", "due@9"], Positions(await WholeLaneAsync(0, 2)));
        Assert.Equal(5, (await Store.CountAsync(Key)).LaneEntries[0]);
    }

    [Fact]
    public async Task ReadLane_WhenPriorityChangedAtTheTail_MovesToThatLane()
    {
        await TakenAsync(Add("a", 1, 0), Steps.Bury("a"), Steps.ToTail(JobVerb.Redrive, JobPlace.Final, Steps.Record("a", 2, 9)));

        Assert.Empty(await WholeLaneAsync(0, 10));
        Assert.Equal(["a@2"], Positions(await WholeLaneAsync(9, 10)));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 1], (await Store.CountAsync(Key)).LaneEntries);
    }

    [Fact]
    public async Task ReadLane_WhenRecordsAreLarge_StopsAt4MiB()
    {
        for (var number = 0; number < 8; number++)
        {
            await TakenAsync(Steps.Add(Steps.Record($"j{number}", number + 1) with { Args = new byte[1024 * 1024] }));
        }

        var page = await Store.ReadLaneAsync(Key, 0, -1, 100);

        Assert.InRange(page.Jobs.Count, 1, 5);
        Assert.False(page.IsEnd);
        Assert.Equal(8, (await WholeLaneAsync(0, 100)).Count);
    }

    [Fact]
    public async Task ReadDue_WhenSomeAreDue_ReadsThemByInstantAndTellsTheNext()
    {
        await TakenAsync(Due("c", 3), Due("a", 1), Due("d", 4), Due("b", 2));

        var page = await Store.ReadDueAsync(Key, Steps.Noon.AddSeconds(2), 10);
        var first = await Store.ReadDueAsync(Key, Steps.Noon.AddSeconds(9), 3);

        Assert.Equal(["a", "b"], page.Jobs.Select(job => job.Id));
        Assert.Equal(Steps.Noon.AddSeconds(3), page.Next);
        Assert.Equal(["a", "b", "c"], first.Jobs.Select(job => job.Id));
        Assert.Equal(Steps.Noon.AddSeconds(4), first.Next);
        Assert.Equal(Steps.Noon.AddSeconds(1), (await Store.CountAsync(Key)).NextDueAt);
    }

    [Fact]
    public async Task ReadDue_WhenNoneIsLeft_TellsNoNext()
    {
        await TakenAsync(Due("a", 1));

        Assert.Null((await Store.ReadDueAsync(Key, Steps.Noon.AddSeconds(1), 10)).Next);
        Assert.Empty((await Store.ReadDueAsync(Key, Steps.Noon.AddMilliseconds(999), 10)).Jobs);
    }

    [Fact]
    public async Task ReadExpiring_WhenWaitingJobsExpire_ReadsThemByInstant()
    {
        await TakenAsync(
            Steps.Add(Steps.Record("ready", 1) with { ExpiresAt = Steps.Noon.AddSeconds(3) }),
            Steps.AddDue(Steps.Record("due", 2) with { ExpiresAt = Steps.Noon.AddSeconds(1) }, Steps.Noon.AddHours(1)),
            Steps.Add(Steps.Record("parked", 3)),
            Steps.Park(JobPlace.Ready, Steps.Record("parked", 3) with { ExpiresAt = Steps.Noon.AddSeconds(2) }),
            Steps.Add(Steps.Record("started", 4) with { ExpiresAt = Steps.Noon }),
            Steps.Claim("started", "t"),
            Add("never", 5, 0));

        var page = await Store.ReadExpiringAsync(Key, Steps.Noon.AddSeconds(2), 10);

        Assert.Equal(["due", "parked"], page.Jobs.Select(job => job.Id));
        Assert.Equal(Steps.Noon.AddSeconds(3), page.Next);
        Assert.Equal(Steps.Noon.AddSeconds(1), (await Store.CountAsync(Key)).NextExpiryAt);
    }

    [Fact]
    public async Task ReadExpiring_WhenTheEngineClaimsAJobThatExpires_LeavesItOutUntilItIsHandedBack()
    {
        var records = Enumerable.Range(1, 3).Select(number => Steps.Record($"j{number}", number) with { ExpiresAt = Steps.Noon }).ToList();
        await TakenAsync([.. records.Select(Steps.Add)]);
        await TakenAsync([.. records.Select(record => JobTransitions.Claim(record, Steps.ClaimOf("t")))]);

        Assert.Empty((await Store.ReadExpiringAsync(Key, Steps.Noon, 10)).Jobs);
        Assert.Null((await Store.CountAsync(Key)).NextExpiryAt);

        await TakenAsync(Steps.Succeed(records[0], "t"), Steps.Release("j2", "t") with { Record = records[1], ExpiresAt = Steps.Noon }, Steps.Retry(JobVerb.Retry, records[2], "t", Steps.Noon.AddHours(1)));

        Assert.Equal(["j2", "j3"], (await Store.ReadExpiringAsync(Key, Steps.Noon, 10)).Jobs.Select(job => job.Id).Order());
    }

    [Fact]
    public async Task ReadDue_WhenAnInstantIsTheLastThereIs_KnowsIt()
    {
        await TakenAsync(Steps.AddDue(Steps.Record("never", 1), DateTimeOffset.MaxValue));

        Assert.Equal(DateTimeOffset.MaxValue, (await Store.CountAsync(Key)).NextDueAt);
        Assert.Equal(DateTimeOffset.MaxValue, (await Store.ReadDueAsync(Key, Steps.Noon, 10)).Next);

        await TakenAsync(Steps.AddDue(Steps.Record("soon", 2), Steps.Noon));
        await ReopenAsync();

        var page = await Store.ReadDueAsync(Key, Steps.Noon, 10);
        Assert.Equal(("soon", DateTimeOffset.MaxValue), (Assert.Single(page.Jobs).Id, page.Next));
    }

    [Fact]
    public async Task ReadLane_WhenLargeJobsFollowSmallOnes_ReadsThemAll()
    {
        var small = Enumerable.Range(1, 8).Select(number => Steps.Record($"small{number}", number));
        var large = Enumerable.Range(9, 24).Select(number => Steps.Record($"large{number}", number) with { Args = new byte[512 * 1024] });
        foreach (var record in small.Concat(large).ToList())
        {
            await TakenAsync(Steps.Add(record));
        }

        var (read, after, isEnd) = (new List<string>(), -1L, false);
        while (!isEnd)
        {
            var page = await Store.ReadLaneAsync(Key, 0, after, 256);
            read.AddRange(page.Jobs.Select(job => job.Id));
            (after, isEnd) = (page.LastPosition, page.IsEnd);
        }

        Assert.Equal(32, read.Count);
        Assert.Equal(read, read.Distinct());
    }

    [Fact]
    public async Task ReadParked_WhenNamesDiffer_ReadsOneNameOldestFirst()
    {
        foreach (var (id, position, name) in new[] { ("a", 1, "x.y"), ("b", 2, "x"), ("c", 3, "x.y"), ("d", 4, "x.y") })
        {
            var record = Steps.Record(id, position) with { Name = name };
            await TakenAsync(Steps.Add(record), Steps.Park(JobPlace.Ready, record));
        }

        Assert.Equal(["a", "c"], (await Store.ReadParkedAsync(Key, "x.y", 2)).Select(job => job.Id));
        Assert.Equal(["b"], (await Store.ReadParkedAsync(Key, "x", 10)).Select(job => job.Id));
        Assert.Empty(await Store.ReadParkedAsync(Key, "y", 10));
        Assert.Equal(new Dictionary<string, long> { ["x.y"] = 3, ["x"] = 1 }, (await Store.CountAsync(Key)).Parked);
    }

    [Theory]
    [InlineData(nameof(JobPlace.Ready))]
    [InlineData(nameof(JobPlace.Due))]
    [InlineData(nameof(JobPlace.Parked))]
    [InlineData(nameof(JobPlace.Running))]
    [InlineData(nameof(JobPlace.Dead))]
    [InlineData(nameof(JobPlace.Done))]
    public async Task List_WhenPaged_CoversThePlaceOnce(string placeName)
    {
        var place = Enum.Parse<JobPlace>(placeName);
        for (var number = 0; number < 23; number++)
        {
            var record = Steps.Record($"j{number:00}", number + 1, number % 3);
            await TakenAsync(place switch
            {
                JobPlace.Due => Steps.AddDue(record, Steps.Noon.AddSeconds(number % 5)),
                _ => Steps.Add(record),
            });
            await TakenAsync(place switch
            {
                JobPlace.Parked => [Steps.Park(JobPlace.Ready, record)],
                JobPlace.Running => [Steps.Claim(record.Id, "t")],
                JobPlace.Dead => [Steps.Claim(record.Id, "t"), Steps.Fail(record, "t")],
                JobPlace.Done => [Steps.Claim(record.Id, "t"), Steps.Succeed(record, "t")],
                _ => [],
            });
        }

        var jobs = await ListAsync(place, 5);

        Assert.All(jobs, job => Assert.Equal(place, job.Place));
        Assert.Equal(Enumerable.Range(0, 23).Select(number => $"j{number:00}"), jobs.Select(job => job.Id).Order(StringComparer.Ordinal));
        Assert.Equal(jobs.Select(job => job.Id), (await ListAsync(place)).Select(job => job.Id));
        if (place is JobPlace.Dead or JobPlace.Done)
        {
            Assert.Equal(jobs.Select(job => job.Id).OrderDescending(StringComparer.Ordinal), jobs.Select(job => job.Id));
        }
    }

    [Fact]
    public async Task List_WhenReady_ShowsHigherLanesFirst()
    {
        await TakenAsync(Add("low", 1, 0), Add("high", 2, 9), Add("mid", 3, 5), Add("high2", 4, 9));

        Assert.Equal(["high", "high2", "mid", "low"], (await ListAsync(JobPlace.Ready, 1)).Select(job => job.Id));
    }

    [Fact]
    public async Task List_WhenNothingIsThere_IsOneEmptyPage()
    {
        foreach (var place in new[] { JobPlace.Ready, JobPlace.Due, JobPlace.Parked, JobPlace.Running, JobPlace.Dead, JobPlace.Done })
        {
            var page = await Store.ListAsync(Key, place, null, 10);
            Assert.Empty(page.Jobs);
            Assert.Null(page.Next);
        }
    }

    [Fact]
    public async Task Find_WhenSomeAreUnknown_AnswersInOrder()
    {
        await TakenAsync(Add("a", 1, 0), Add("c", 2, 0));

        var found = await Store.FindAsync(Key, ["c", "b", "a", "c"]);

        Assert.Equal(["c", null, "a", "c"], found.Select(job => job?.Id));
    }

    private async Task<List<StoredJob>> WholeLaneAsync(int lane, int max)
    {
        List<StoredJob> jobs = [];
        var page = new LanePage([], -1, false);
        for (var pages = 0; !page.IsEnd; pages++)
        {
            Assert.InRange(pages, 0, 200);
            page = await Store.ReadLaneAsync(Key, lane, page.LastPosition, max);
            jobs.AddRange(page.Jobs);
        }

        return jobs;
    }

    private static IEnumerable<string> Positions(IEnumerable<StoredJob> jobs) => jobs.Select(job => $"{job.Id}@{job.Position}");

    private static JobStep Add(string id, long position, int lane) => Steps.Add(Steps.Record(id, position, lane));

    private static JobStep Due(string id, int seconds) => Steps.AddDue(Steps.Record(id, seconds), Steps.Noon.AddSeconds(seconds));
}
