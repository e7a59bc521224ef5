using Krewe.Storage;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>Unique keys: held by one job until it is final and its instant has passed.</summary>
public abstract class UniqueConformance : StoreTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(300);

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task Add_WhenKeyIsHeld_NamesTheHolderAndChangesNothing()
    {
        await TakenAsync(AddUnique("a", 1));

        Assert.Equal(new StepAnswer(StepResult.UniqueHeld, JobPlace.Nowhere, "a"), await TakeAsync(AddUnique("b", 2)));

        Assert.Null(await FindAsync("b"));
        Assert.Equal(1, (await Store.CountAsync(Key)).Ready);
    }

    [Fact]
    public async Task Add_WhenSameIdComesAgain_MeetsItsRecordNotItsKey()
    {
        await TakenAsync(AddUnique("a", 1));

        Assert.Equal(StepResult.Exists, (await TakeAsync(AddUnique("a", 1))).Result);
    }

    [Theory]
    [InlineData("other.job", "key")]
    [InlineData(Steps.Name, "Key")]
    [InlineData(Steps.Name, "key ")]
    [InlineData(Steps.Name, "")]
    [InlineData("test", ".job/key")]
    public async Task Add_WhenNameOrKeyDiffers_IsTaken(string name, string key)
    {
        await TakenAsync(AddUnique("a", 1));

        await TakenAsync(Steps.Add(Steps.Record("b", 2)) with { Unique = new(name, key, UniqueAction.Take, null) });
    }

    [Fact]
    public async Task Add_WhenHolderWaitsRunsOrRetries_StaysHeld()
    {
        var record = Steps.Record("a");
        JobStep[] life =
        [
            AddUnique("a", 1), Steps.Claim("a", "t"), Steps.Retry(JobVerb.Retry, record, "t", Steps.Noon), Steps.ToTail(JobVerb.Promote, JobPlace.Due, record with { Position = 2 }), Steps.Park(JobPlace.Ready, record),
        ];
        foreach (var step in life)
        {
            await TakenAsync(step);
            Assert.Equal("a", (await TakeAsync(AddUnique("b", 2))).HolderId);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Release_WhenNoInstantIsLeft_FreesTheKey(bool isPast)
    {
        var record = Steps.Record("a");
        await TakenAsync(AddUnique("a", 1), Steps.Claim("a", "t"), Steps.Succeed(record, "t") with { Unique = Release(isPast ? Now.AddMinutes(-1) : null) });

        await TakenAsync(AddUnique("b", 2));

        Assert.Equal("b", (await TakeAsync(AddUnique("c", 3))).HolderId);
    }

    [Fact]
    public async Task Release_WhenInstantIsToCome_HoldsTheKeyUntilThen()
    {
        var record = Steps.Record("a");
        var until = Now + Soon;
        await TakenAsync(AddUnique("a", 1, until), Steps.Claim("a", "t"), Steps.Succeed(record, "t") with { Unique = Release(until) });

        var first = await TakeAsync(AddUnique("b", 2));

        Assert.True(first is { Result: StepResult.UniqueHeld, HolderId: "a" } || Now >= until, "A key that is held until an instant was given away before it.");
        await EventuallyAsync(async () => (await TakeAsync(AddUnique("b", 2))).Result == StepResult.Taken, "the key is free after its instant");
        Assert.True(Now >= until, "The key was given away before its instant.");
    }

    [Fact]
    public async Task Release_WhenInstantIsFar_IsStillHeldAfterReopening()
    {
        var record = Steps.Record("a");
        await TakenAsync(AddUnique("a", 1, Now.AddHours(1)), Steps.Claim("a", "t"), Steps.Succeed(record, "t") with { Unique = Release(Now.AddHours(1)) });

        await ReopenAsync();

        Assert.Equal(new StepAnswer(StepResult.UniqueHeld, JobPlace.Nowhere, "a"), await TakeAsync(AddUnique("b", 2)));
    }

    [Fact]
    public async Task Add_WhenInstantOfALivingHolderHasPassed_StaysHeld()
    {
        await TakenAsync(AddUnique("a", 1, Now.AddHours(-1)));

        Assert.Equal("a", (await TakeAsync(AddUnique("b", 2))).HolderId);
    }

    [Fact]
    public async Task Add_WhenHolderWasBuriedWithoutRelease_TakesTheKey()
    {
        await TakenAsync(AddUnique("a", 1, Now.AddHours(1)), Steps.Bury("a"));

        await TakenAsync(AddUnique("b", 2));
    }

    [Fact]
    public async Task Release_WhenAnotherJobHoldsTheKey_LeavesIt()
    {
        var record = Steps.Record("a");
        await TakenAsync(AddUnique("a", 1), Steps.Bury("a"), AddUnique("b", 2));

        await TakenAsync(Steps.Forget(record) with { Unique = Release(null) });

        Assert.Equal("b", (await TakeAsync(AddUnique("c", 3))).HolderId);
    }

    [Fact]
    public async Task Redrive_WhenKeyIsFree_TakesItAgain()
    {
        var record = Steps.Record("a");
        await TakenAsync(AddUnique("a", 1), Steps.Claim("a", "t"), Steps.Fail(record, "t") with { Unique = Release(null) });

        await TakenAsync(Redrive("a", 2));

        Assert.Equal("a", (await TakeAsync(AddUnique("b", 3))).HolderId);
    }

    [Fact]
    public async Task Redrive_WhenOwnReleaseStillHoldsTheKey_TakesItAgain()
    {
        var record = Steps.Record("a");
        await TakenAsync(AddUnique("a", 1), Steps.Claim("a", "t"), Steps.Succeed(record, "t") with { Unique = Release(Now.AddHours(1)) });

        await TakenAsync(Redrive("a", 2));

        Assert.Equal(JobPlace.Ready, (await FoundAsync("a")).Place);
    }

    [Fact]
    public async Task Redrive_WhenAnotherJobHoldsTheKey_IsRefusedAndChangesNothing()
    {
        var record = Steps.Record("a");
        await TakenAsync(AddUnique("a", 1), Steps.Claim("a", "t"), Steps.Fail(record, "t") with { Unique = Release(null) }, AddUnique("b", 2));

        Assert.Equal(new StepAnswer(StepResult.UniqueHeld, JobPlace.Dead, "b"), await TakeAsync(Redrive("a", 3)));

        Assert.Equal(JobPlace.Dead, (await FoundAsync("a")).Place);
        Assert.Equal(1, (await Store.CountAsync(Key)).Dead);
    }

    [Fact]
    public async Task Step_WhenRefused_TouchesNoKey()
    {
        var record = Steps.Record("a");
        await TakenAsync(AddUnique("a", 1), Steps.Claim("a", "t"));

        Assert.Equal(StepResult.Fenced, (await TakeAsync(Steps.Succeed(record, "other") with { Unique = Release(null) })).Result);

        Assert.Equal("a", (await TakeAsync(AddUnique("b", 2))).HolderId);
    }

    [Fact]
    public async Task Commit_WhenBothStepsAreInIt_FirstTakesTheKey()
    {
        var answers = await Store.CommitAsync(Lease, [AddUnique("a", 1), AddUnique("b", 2)]);

        Assert.Equal([new(StepResult.Taken), new(StepResult.UniqueHeld, JobPlace.Nowhere, "a")], answers);
    }

    [Fact]
    public async Task Add_WhenKeyIsHeldInAnotherPartition_IsTaken()
    {
        var other = await Store.OpenPartitionAsync(Key with { Partition = 1 });
        await TakenAsync(AddUnique("a", 1));

        Assert.Equal(StepResult.Taken, Assert.Single(await Store.CommitAsync(other, [AddUnique("b", 1)])).Result);
    }

    private static JobStep AddUnique(string id, long position, DateTimeOffset? until = null) =>
        Steps.Add(Steps.Record(id, position)) with { Unique = new(Steps.Name, "key", UniqueAction.Take, until) };

    private static JobStep Redrive(string id, long position) =>
        Steps.ToTail(JobVerb.Redrive, JobPlace.Final, Steps.Record(id, position)) with { Unique = new(Steps.Name, "key", UniqueAction.Take, null) };

    private static UniqueHold Release(DateTimeOffset? until) => new(Steps.Name, "key", UniqueAction.Release, until);
}
