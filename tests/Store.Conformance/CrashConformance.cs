using Krewe.Storage;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>A process that dies between any two calls leaves what the last call said.</summary>
public abstract class CrashConformance : StoreTest
{
    [Fact]
    public async Task Life_WhenTheProcessDiesAfterEveryStep_GoesOn()
    {
        var (model, record, other) = (new StoreModel(), Steps.Record("a", 1, 3), Steps.Record("b", 2, 7));
        JobStep[][] life =
        [
            [Steps.Add(record), Steps.AddDue(other with { ExpiresAt = Steps.Noon.AddDays(1) }, Steps.Noon)],
            [Steps.Claim("a", "1")],
            [Steps.Note(record, "1")],
            [Steps.Retry(JobVerb.Retry, record, "1", Steps.Noon.AddMinutes(1))],
            [Steps.ToTail(JobVerb.Promote, JobPlace.Due, record with { Position = 3 }), Steps.ToTail(JobVerb.Promote, JobPlace.Due, other with { Position = 4 })],
            [Steps.Claim("a", "2"), Steps.Claim("b", "3")],
            [Steps.Rescue(record, "2"), Steps.Release("b", "3")],
            [Steps.Park(JobPlace.Ready, record)],
            [Steps.ToTail(JobVerb.Unpark, JobPlace.Parked, record with { Position = 5 })],
            [Steps.Claim("a", "4")],
            [Steps.Fail(record, "4"), Steps.Bury("b")],
            [Steps.ToTail(JobVerb.Redrive, JobPlace.Final, record with { Position = 6 })],
            [Steps.Claim("a", "5")],
            [Steps.Succeed(record, "5")],
            [Steps.Forget(record)],
        ];
        foreach (var steps in life)
        {
            Assert.All(steps, step => Assert.Equal(StepResult.Taken, model.Take(step).Result));
            await TakenAsync(steps);

            await ReopenAsync();

            Assert.Equal(Observation.Of(model, ["a", "b"]), await Observation.OfAsync(Store, Key, ["a", "b"]));
        }
    }

    [Fact]
    public async Task Claims_WhenTheProcessDies_AreStillThere()
    {
        await TakenAsync(Steps.Add(Steps.Record("a")), Steps.Claim("a", "t"));

        await ReopenAsync();

        Assert.Equal(Steps.ClaimOf("t"), Assert.Single(await Store.ReadRunningAsync(Key)).Claim);
        Assert.Equal(StepResult.Fenced, (await TakeAsync(Steps.Succeed(Steps.Record("a"), "other"))).Result);
        await TakenAsync(Steps.Succeed(Steps.Record("a"), "t"));
    }

    [Fact]
    public async Task Lease_WhenTheProcessDied_IsVoidOnceThePartitionIsOpenedAgain()
    {
        var old = Lease;

        await ReopenAsync();

        await Assert.ThrowsAsync<StaleEpochException>(() => Store.CommitAsync(new(Key, old.Epoch, old.Revision, 0), [Steps.Add(Steps.Record("a"))]));
    }

    [Fact]
    public async Task Commit_WhenManyPartitionsCommitAtOnce_TakesAll()
    {
        var leases = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Store.OpenPartitionAsync(new("many", number))));

        await Task.WhenAll(leases.Select(async lease =>
        {
            for (var batch = 0; batch < 10; batch++)
            {
                var first = (batch * 20) + 1;
                var answers = await Store.CommitAsync(lease, [.. Enumerable.Range(first, 20).Select(number => Steps.Add(Steps.Record($"j{number}", number)))]);
                Assert.All(answers, answer => Assert.Equal(StepResult.Taken, answer.Result));
                answers = await Store.CommitAsync(lease, [.. Enumerable.Range(first, 10).Select(number => Steps.Claim($"j{number}", "t"))]);
                Assert.All(answers, answer => Assert.Equal(StepResult.Taken, answer.Result));
                Assert.Equal((batch + 1) * 10, (await Store.CountAsync(lease.Key)).Ready);
            }
        }));
        await Harness.ReopenAsync();

        foreach (var lease in leases)
        {
            var counts = await Store.CountAsync(lease.Key);
            Assert.Equal((100L, 100L), (counts.Ready, counts.Running));
        }
    }
}
