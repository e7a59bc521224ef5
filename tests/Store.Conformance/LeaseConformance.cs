using Krewe.Queues;
using Krewe.Storage;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>Epochs, revisions, the catalogue, and what is declared.</summary>
public abstract class LeaseConformance : StoreTest
{
    [Fact]
    public async Task Commit_WhenSomebodyOpenedAfter_IsStaleAndWritesNothing()
    {
        var stale = Lease;
        Lease = await Store.OpenPartitionAsync(Key);

        await Assert.ThrowsAsync<StaleEpochException>(() => Store.CommitAsync(stale, [Steps.Add(Steps.Record("a"))]));
        await Assert.ThrowsAsync<StaleEpochException>(() => Store.PurgeAsync(stale, 0));
        await Assert.ThrowsAsync<StaleEpochException>(() => Store.ClosePartitionAsync(stale));
        await Assert.ThrowsAsync<StaleEpochException>(() => Store.CheckPartitionAsync(stale));

        Assert.True(Lease.Epoch > stale.Epoch);
        Assert.Null(await FindAsync("a"));
        await TakenAsync(Steps.Add(Steps.Record("a")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Commit_WhenRevisionIsAnother_SaysThatTheStoreWentBack(int difference)
    {
        await TakenAsync(Steps.Add(Steps.Record("a")));
        var wrong = new PartitionLease(Key, Lease.Epoch, Lease.Revision + difference, Lease.LastPosition);

        await Assert.ThrowsAsync<StoreRolledBackException>(() => Store.CommitAsync(wrong, [Steps.Claim("a", "t")]));

        Assert.Equal(JobPlace.Ready, (await FoundAsync("a")).Place);
        await TakenAsync(Steps.Claim("a", "t"));
    }

    [Fact]
    public async Task Check_WhenRevisionIsEarlier_SaysThatTheStoreWentBack()
    {
        await TakenAsync(Steps.Add(Steps.Record("a")));

        await Store.CheckPartitionAsync(Lease);
        await Store.CheckPartitionAsync(new PartitionLease(Key, Lease.Epoch, Lease.Revision - 1, Lease.LastPosition)); // A commit may be taken while the question is on its way.
        await Assert.ThrowsAsync<StoreRolledBackException>(() => Store.CheckPartitionAsync(new PartitionLease(Key, Lease.Epoch, Lease.Revision + 1, Lease.LastPosition)));
    }

    [Fact]
    public async Task Commit_WhenTaken_RaisesTheLeasesRevision()
    {
        var before = Lease.Revision;

        await TakenAsync(Steps.Add(Steps.Record("a")), Steps.Add(Steps.Record("b", 2)));
        await TakenAsync(Steps.Add(Steps.Record("c", 3)));

        Assert.Equal(before + 2, Lease.Revision);
        await ReopenAsync();
        Assert.Equal(before + 2, Lease.Revision);
    }

    [Fact]
    public async Task Open_WhenPositionsWereGiven_GoesOnAfterTheHighest()
    {
        Assert.Equal(0, Lease.LastPosition);
        var record = Steps.Record("b", 12, 3);
        await TakenAsync(Steps.Add(Steps.Record("a", 7, 9)), Steps.Add(record), Steps.Claim("b", "t"), Steps.Succeed(record, "t"));

        await ReopenAsync();

        Assert.Equal(12, Lease.LastPosition);
    }

    [Fact]
    public async Task Open_WhenPartitionIsNew_EntersTheCatalogue()
    {
        var key = new PartitionKey("critical", 3);
        Assert.Equal([Key], await Store.ListPartitionsAsync());

        await Store.OpenPartitionAsync(key);

        Assert.Equal([key, Key], (await Store.ListPartitionsAsync()).OrderBy(partition => partition.Queue, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Close_WhenEmpty_LeavesTheCatalogueAndVoidsTheLease()
    {
        var record = Steps.Record("a");
        await TakenAsync(Steps.Add(record), Steps.Claim("a", "t"), Steps.Succeed(record, "t"));

        Assert.True(await Store.ClosePartitionAsync(Lease));

        Assert.Empty(await Store.ListPartitionsAsync());
        await Assert.ThrowsAsync<StaleEpochException>(() => Store.CommitAsync(Lease, [Steps.Add(Steps.Record("b"))]));
        Assert.Equal(JobPlace.Done, (await FoundAsync("a")).Place);
    }

    [Theory]
    [InlineData("ready")]
    [InlineData("due")]
    [InlineData("parked")]
    [InlineData("running")]
    public async Task Close_WhenAJobLiesThere_StaysInTheCatalogueAndVoidsTheLease(string place)
    {
        await TakenAsync(Shapes.Places[place](Steps.Record("a"), Steps.Noon));

        Assert.False(await Store.ClosePartitionAsync(Lease));

        Assert.Equal([Key], await Store.ListPartitionsAsync());
        await Assert.ThrowsAsync<StaleEpochException>(() => Store.CommitAsync(Lease, [Steps.Add(Steps.Record("b"))]));
        Lease = await Store.OpenPartitionAsync(Key);
        await TakenAsync(Steps.Add(Steps.Record("b", 2)));
    }

    [Fact]
    public async Task Open_WhenClosedBefore_EntersTheCatalogueAgain()
    {
        await Store.ClosePartitionAsync(Lease);

        Lease = await Store.OpenPartitionAsync(Key);

        Assert.Equal([Key], await Store.ListPartitionsAsync());
        await TakenAsync(Steps.Add(Steps.Record("a")));
    }

    [Fact]
    public async Task DeclareQueue_WhenDeclaredBefore_KeepsTheFirstNumber()
    {
        Assert.Empty(await Store.ListQueuesAsync());
        Assert.Equal(4, await Store.DeclareQueueAsync("default", 4));
        Assert.Equal(4, await Store.DeclareQueueAsync("default", 8));
        Assert.Equal(1, await Store.DeclareQueueAsync("low", 1));

        await Harness.ReopenAsync();

        Assert.Equal(new Dictionary<string, int> { ["default"] = 4, ["low"] = 1 }, await Store.ListQueuesAsync());
    }

    [Fact]
    public async Task DeclareNames_WhenDeclared_AreRememberedForAWhile()
    {
        await Store.DeclareNamesAsync(["email.send", "image.resize"]);

        await Harness.ReopenAsync();

        Assert.True(await Store.IsNameDeclaredAsync("image.resize", TimeSpan.FromDays(30)));
        Assert.False(await Store.IsNameDeclaredAsync("image.res", TimeSpan.FromDays(30)));
        await EventuallyAsync(async () => !await Store.IsNameDeclaredAsync("image.resize", TimeSpan.FromMilliseconds(1)), "a name declared longer ago than asked for does not count");
    }

    [Fact]
    public async Task Read_WhenPartitionWasNeverOpened_IsEmpty()
    {
        var nowhere = new PartitionKey("never", 0);

        Assert.Equal([null], await Store.FindAsync(nowhere, ["a"]));
        Assert.Equal(0, (await Store.CountAsync(nowhere)).Ready);
        Assert.Empty((await Store.ListAsync(nowhere, JobPlace.Dead, null, 10)).Jobs);
        Assert.True((await Store.ReadLaneAsync(nowhere, 0, -1, 10)).IsEnd);
        Assert.Empty(await Store.ReadRunningAsync(nowhere));
    }

    [Fact]
    public async Task Ping_WhenConnected_Answers() => await Store.PingAsync(Cancelled);
}
