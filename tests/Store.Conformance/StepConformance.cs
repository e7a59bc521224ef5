using Krewe.Jobs;
using Krewe.Storage;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>Single steps: what they answer, what they leave; fencing, ids that are taken, batches.</summary>
public abstract class StepConformance : StoreTest
{
    [Fact]
    public async Task Add_WhenNew_LiesReadyWithItsRecord()
    {
        var record = Steps.Record("a", 7, 4);

        Assert.Equal(new StepAnswer(StepResult.Taken), await TakeAsync(Steps.Add(record)));

        var job = await FoundAsync("a");
        Assert.Equal((JobPlace.Ready, 4, 7L), (job.Place, job.Lane, job.Position));
        Assert.Equal(JobRecordCodec.Encode(record), JobRecordCodec.Encode(job.Record!));
        Assert.Null(job.Claim);
        Assert.Null(job.Unreadable);
        Assert.InRange(job.Bytes, JobRecordCodec.Encode(record).Length, 1000);
    }

    [Theory]
    [InlineData(0xFEDC_BA98_7654_3210)]
    [InlineData(1)]
    [InlineData(ulong.MaxValue)]
    public async Task Add_WhenIdIsTaken_AnswersTheFingerprintThatIsThere(ulong fingerprint)
    {
        await TakenAsync(Steps.Add(Steps.Record("a") with { Fingerprint = fingerprint }));

        var answer = await TakeAsync(Steps.Add(Steps.Record("a", 2, 5) with { Fingerprint = 77, Name = "other.job" }));

        Assert.Equal(new StepAnswer(StepResult.Exists, JobPlace.Ready, null, fingerprint), answer);
        Assert.Equal(Steps.Name, (await FoundAsync("a")).Record!.Name);
        Assert.Equal(1, (await Store.CountAsync(Key)).Ready);
    }

    [Fact]
    public async Task Add_WhenTombstoneIsThere_AnswersItsFingerprint()
    {
        var record = Steps.Record("a");
        await TakenAsync(Steps.Add(record), Steps.Claim("a", "t"), Steps.Succeed(record, "t"), Steps.Forget(record));

        Assert.Equal(new StepAnswer(StepResult.Exists, JobPlace.Done, null, record.Fingerprint), await TakeAsync(Steps.Add(record)));
        Assert.True((await FoundAsync("a")).Record!.IsTombstone);
    }

    [Fact]
    public async Task Add_WhenSameIdLiesInAnotherPartition_IsAnotherJob()
    {
        var other = await Store.OpenPartitionAsync(Key with { Partition = 1 });
        await TakenAsync(Steps.Add(Steps.Record("a")));

        Assert.Equal([new StepAnswer(StepResult.Taken)], await Store.CommitAsync(other, [Steps.Add(Steps.Record("a"))]));

        Assert.Equal(1, (await Store.CountAsync(Key)).Ready);
        Assert.Equal(1, (await Store.CountAsync(other.Key)).Ready);
    }

    [Fact]
    public async Task Claim_WhenReady_StoresTheClaimAndKeepsTheRecordsBytes()
    {
        await TakenAsync(Steps.Add(Steps.Record("a", 3, 2)));
        var before = await Harness.ReadBytesAsync(Key, "a");

        Assert.Equal(new StepAnswer(StepResult.Taken, JobPlace.Ready), await TakeAsync(Steps.Claim("a", "1-00ff")));

        var job = await FoundAsync("a");
        Assert.Equal((JobPlace.Running, 2, 3L), (job.Place, job.Lane, job.Position));
        Assert.Equal(Steps.ClaimOf("1-00ff"), job.Claim);
        Assert.Equal(before, await Harness.ReadBytesAsync(Key, "a"));
        Assert.Equal(Steps.ClaimOf("1-00ff"), Assert.Single(await Store.ReadRunningAsync(Key)).Claim);
    }

    [Fact]
    public async Task Claim_WhenAlreadyClaimed_ChangesNothing()
    {
        await TakenAsync(Steps.Add(Steps.Record("a")), Steps.Claim("a", "first"));

        Assert.Equal(new StepAnswer(StepResult.WrongPlace, JobPlace.Running), await TakeAsync(Steps.Claim("a", "second")));
        Assert.Equal("first", (await FoundAsync("a")).Claim!.Token);
    }

    [Theory]
    [InlineData("1-0000000000000001", "1-0000000000000002")]
    [InlineData("1-00000000000000ff", "1-00000000000000FF")]
    [InlineData("1", "1 ")]
    [InlineData("1", "")]
    public async Task Finish_WhenTokenDiffers_IsFenced(string held, string told)
    {
        var record = Steps.Record("a");
        await TakenAsync(Steps.Add(record), Steps.Claim("a", held));

        Assert.Equal(new StepAnswer(StepResult.Fenced, JobPlace.Running), await TakeAsync(Steps.Succeed(record, told)));
        Assert.Equal(new StepAnswer(StepResult.Taken, JobPlace.Running), await TakeAsync(Steps.Succeed(record, held)));
    }

    [Fact]
    public async Task Finish_WhenToldTwice_IsTakenOnce()
    {
        var record = Steps.Record("a");
        await TakenAsync(Steps.Add(record), Steps.Claim("a", "t"), Steps.Succeed(record, "t"));

        Assert.Equal(new StepAnswer(StepResult.WrongPlace, JobPlace.Done), await TakeAsync(Steps.Succeed(record, "t")));
        Assert.Equal(1, (await Store.CountAsync(Key)).Listed);
    }

    [Fact]
    public async Task Finish_WhenClaimIsOfAnEarlierDelivery_IsFenced()
    {
        var record = Steps.Record("a");
        await TakenAsync(Steps.Add(record), Steps.Claim("a", "1-aa"), Steps.Rescue(record, "1-aa"), Steps.Claim("a", "2-bb"));

        Assert.Equal(StepResult.Fenced, (await TakeAsync(Steps.Succeed(record, "1-aa"))).Result);
        Assert.Equal("2-bb", (await FoundAsync("a")).Claim!.Token);
    }

    [Fact]
    public async Task Note_WhenRunning_KeepsClaimAndEntry()
    {
        var record = Steps.Record("a", 5, 6);
        await TakenAsync(Steps.Add(record), Steps.Claim("a", "t"), Steps.Note(record with { Position = 99, Priority = 1 }, "t"));

        var job = await FoundAsync("a");
        Assert.True(job.Record!.IsCancelRequested);
        Assert.Equal((JobPlace.Running, 6, 5L, Steps.ClaimOf("t")), (job.Place, job.Lane, job.Position, job.Claim));
    }

    [Fact]
    public async Task Commit_WhenStepsConcernOneJob_TakesThemInOrder()
    {
        var record = Steps.Record("a");

        var answers = await Store.CommitAsync(
            Lease,
            [
                Steps.Claim("a", "t"), Steps.Add(record), Steps.Add(record), Steps.Claim("a", "t"), Steps.Succeed(record, "x"), Steps.Succeed(record, "t"), Steps.Succeed(record, "t"),
            ]);

        Assert.Equal(
            [
                new(StepResult.Unknown), new(StepResult.Taken), new(StepResult.Exists, JobPlace.Ready, null, record.Fingerprint), new(StepResult.Taken, JobPlace.Ready),
                new(StepResult.Fenced, JobPlace.Running), new(StepResult.Taken, JobPlace.Running), new(StepResult.WrongPlace, JobPlace.Done),
            ],
            answers);
        Assert.Equal(JobPlace.Done, (await FoundAsync("a")).Place);
    }

    [Fact]
    public async Task Commit_WhenStepsAre256AndMixed_AnswersEachInOrder()
    {
        await TakenAsync([.. Enumerable.Range(0, 128).Select(number => Steps.Add(Steps.Record($"old-{number}", number + 1, number % 10)))]);
        var steps = Enumerable.Range(0, 256).Select(number => (number % 4) switch
        {
            0 => Steps.Claim($"old-{number / 2}", $"t{number}"),
            1 => Steps.Add(Steps.Record($"new-{number}", 1000 + number)),
            2 => Steps.Claim("nobody", "t"),
            _ => Steps.Add(Steps.Record($"new-{number - 2}", 1000 + number)),
        }).ToArray();

        var answers = await Store.CommitAsync(Lease, steps);

        StepResult[] expected = [StepResult.Taken, StepResult.Taken, StepResult.Unknown, StepResult.Exists];
        Assert.Equal(Enumerable.Range(0, 256).Select(number => expected[number % 4]), answers.Select(answer => answer.Result));
        var counts = await Store.CountAsync(Key);
        Assert.Equal((128L, 64L), (counts.Ready, counts.Running));
    }

    [Fact]
    public async Task Commit_WhenEmpty_AnswersNothing() => Assert.Empty(await Store.CommitAsync(Lease, []));
}
