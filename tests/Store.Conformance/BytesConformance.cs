using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>Unusual texts and bytes, records that cannot be read, layouts from elsewhere.</summary>
/// <remarks>
/// Ids, queue names and job names reach a store only as <c>[A-Za-z0-9._-]</c>; other texts may hold anything that .NET strings hold. A lone surrogate has no UTF-8
/// form: it comes back as U+FFFD, and two unique keys that differ by one are the same key. Whoever minds refuses it where the text enters.
/// </remarks>
public abstract class BytesConformance : StoreTest
{
    public static TheoryData<string> Texts =>
    [
        "", " ", "\0", "a\0b", "\0\0\0", "'; DROP TABLE jobs; --", "$1 {x} %s \\ \"", "\r\n\t\u001b[31m", "😀👩‍👩‍👧‍👦", "مرحبا שלום", "\u202Eabc", "e\u0301 é", "\uFFFE\uFFFF", "~~~", ":::", new string('ü', 5000),
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Record_WhenTextIsUnusual_ComesBackAsItWas(string text)
    {
        var record = Steps.Record("a") with
        {
            Reason = text,
            TraceParent = text,
            TraceState = text,
            ParentId = text,
            Worker = text,
            LostWith = [text],
            UniqueKey = text,
            Token = text,
            Headers = new() { [text] = text },
            ChildIds = [text, text],
            Errors = [new JobError(1, text, text, text, Steps.Noon, true)],
            Progress = new JobProgress(1, 2, text),
        };
        await TakenAsync(Steps.Add(record) with { Unique = new(Steps.Name, text, UniqueAction.Take, null) });
        await TakenAsync(Steps.Claim("a", "t") with { Claim = Steps.ClaimOf(text) with { Silo = text, ClusterId = text, WorkerName = text } });

        await ReopenAsync();

        var job = await FoundAsync("a");
        Assert.Equal(JobRecordCodec.Encode(record), JobRecordCodec.Encode(job.Record!));
        Assert.Equal((text, text, text, text), (job.Claim!.Token, job.Claim.Silo, job.Claim.ClusterId, job.Claim.WorkerName));
        Assert.Equal("a", (await TakeAsync(Steps.Add(Steps.Record("b", 2)) with { Unique = new(Steps.Name, text, UniqueAction.Take, null) })).HolderId);
        Assert.Equal(StepResult.Fenced, (await TakeAsync(Steps.Succeed(record, text + "x"))).Result);
        await TakenAsync(Steps.Succeed(record, text));
    }

    [Fact]
    public async Task Record_WhenTextHasALoneSurrogate_KeepsTheRest()
    {
        await TakenAsync(Steps.Add(Steps.Record("a") with { Reason = "x\uD800y" }));

        Assert.Equal("x\uFFFDy", (await FoundAsync("a")).Record!.Reason);
    }

    [Theory]
    [InlineData("a")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("-")]
    [InlineData("_._")]
    [InlineData("A")]
    [InlineData("0")]
    public async Task Id_WhenUnusual_IsItselfOnly(string id)
    {
        await TakenAsync(Steps.Add(Steps.Record(id)), Steps.Add(Steps.Record(id + id, 2)), Steps.Add(Steps.Record(id.PadRight(128, 'x'), 3)));

        var found = await Store.FindAsync(Key, [id, id + id, id.PadRight(128, 'x'), id + id + id, id.PadRight(127, 'x')]);

        Assert.Equal([1L, 2L, 3L, null, null], found.Select(job => job?.Position));
        Assert.Equal(StepResult.Unknown, (await TakeAsync(Steps.Claim(id.PadRight(127, 'x'), "t"))).Result);
    }

    [Fact]
    public async Task Id_WhenOnlyItsCaseDiffers_IsAnotherJob()
    {
        await TakenAsync(Steps.Add(Steps.Record("abc")), Steps.Add(Steps.Record("ABC", 2)));

        Assert.Equal(2, (await Store.CountAsync(Key)).Ready);
    }

    [Fact]
    public async Task Queue_WhenNameIsUnusual_IsItselfOnly()
    {
        foreach (var queue in new[] { "A", "a", "a.b", "a-b_", new string('q', 100) })
        {
            var lease = await Store.OpenPartitionAsync(new PartitionKey(queue, 63));
            await Store.CommitAsync(lease, [Steps.Add(Steps.Record(queue))]);
            Assert.Equal([queue], (await Store.ListAsync(lease.Key, JobPlace.Ready, null, 10)).Jobs.Select(job => job.Id));
        }
    }

    [Fact]
    public async Task Args_WhenOfOneMebibyteOfAllBytes_ComeBackAsTheyWere()
    {
        var args = new byte[1024 * 1024];
        for (var index = 0; index < args.Length; index++)
        {
            args[index] = (byte)(index * 7);
        }

        var record = Steps.Record("a") with { Args = args, Result = args };
        await TakenAsync(Steps.Add(record));

        await ReopenAsync();

        var job = await FoundAsync("a");
        Assert.Equal(args, job.Record!.Args);
        Assert.Equal(args, job.Record.Result);
    }

    [Theory]
    [InlineData(new byte[] { 0 })]
    [InlineData(new byte[] { 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0x0A, 0x01, 0x61 })]
    public async Task Record_WhenUnreadable_IsShownAndCanBeBuried(byte[] garbage)
    {
        await TakenAsync(Steps.Add(Steps.Record("a", 4, 2)), Steps.Add(Steps.Record("b", 5, 2)));
        await Harness.CorruptAsync(Key, "a", garbage);

        var job = Assert.Single((await Store.ReadLaneAsync(Key, 2, -1, 1)).Jobs);

        Assert.Equal(("a", JobPlace.Ready, 4L), (job.Id, job.Place, job.Position));
        Assert.Null(job.Record);
        Assert.NotEmpty(job.Unreadable!);
        await TakenAsync(Steps.Bury("a"));
        Assert.Equal(garbage, await Harness.ReadBytesAsync(Key, "a"));
        var dead = Assert.Single(await ListAsync(JobPlace.Dead));
        Assert.Equal(("a", JobPlace.Dead, null), (dead.Id, dead.Place, dead.Record));
        Assert.Equal(["b"], (await ListAsync(JobPlace.Ready)).Select(ready => ready.Id));
    }

    [Fact]
    public async Task Record_WhenUnreadableWhileRunning_CanBeReleasedAndBuried()
    {
        await TakenAsync(Steps.Add(Steps.Record("a", 4, 2)), Steps.Claim("a", "t"));
        await Harness.CorruptAsync(Key, "a", [1, 2, 3]);

        var job = Assert.Single(await Store.ReadRunningAsync(Key));

        Assert.Null(job.Record);
        Assert.NotNull(job.Unreadable);
        Assert.Equal("t", job.Claim!.Token);
        await TakenAsync(Steps.Release("a", "t"), Steps.Claim("a", "u"), Steps.Bury("a"));
        Assert.Equal([1, 2, 3], await Harness.ReadBytesAsync(Key, "a"));
    }

    [Fact]
    public async Task Connect_WhenLayoutIsNewer_IsRefusedInOneSentence()
    {
        var store = await Harness.ReopenWithVersionAsync(7);

        var exception = await Assert.ThrowsAsync<StoreVersionException>(() => store.ConnectAsync(TimeSpan.Zero, Cancelled));

        Assert.Contains("was written by a newer Krewe (schema 7, this program knows 1)", exception.Message, StringComparison.Ordinal);
    }
}
