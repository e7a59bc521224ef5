using Krewe.Cluster.Tests.Fixtures;
using Krewe.Cluster.Tests.Jobs;
using Krewe.Testing;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.Uniqueness;

/// <summary>Ids and keys deduplicate as long as anyone may repeat them.</summary>
public abstract class UniqueTests(SharedKrewe krewe) : KreweTests(krewe)
{
    [Fact]
    public async Task Id_WhenTheSameJobIsEnqueuedAgain_GivesTheFirst()
    {
        var job = Scripts.Add(_ => "once");
        var options = new EnqueueOptions { Id = Some.Key("order") };

        var first = await EnqueueAsync(job, options);
        await first.EndAsync();
        var second = await EnqueueAsync(job, options);

        Assert.Equal((false, true), (first.IsExisting, second.IsExisting));
        Assert.Equal(first.Id, second.Id);
        Assert.EndsWith("~" + options.Id, first.Id, StringComparison.Ordinal);
        Assert.Equal("once", await second.ResultAsync());
        Assert.Equal(1, Scripts.RunsOf(job));
    }

    [Fact]
    public async Task Id_WhenItBelongsToAnotherJob_IsAConflict()
    {
        var options = new EnqueueOptions { Id = Some.Key("order") };
        var first = await Jobs.EnqueueAsync(new EchoText("one"), options, Cancellation);

        var otherArgs = await Assert.ThrowsAsync<JobIdConflictException>(() => Jobs.EnqueueAsync(new EchoText("two"), options, Cancellation));
        var otherName = await Assert.ThrowsAsync<JobIdConflictException>(() => Jobs.EnqueueAsync(new AddNumbers(1, 2), options, Cancellation));

        Assert.Equal(first.Id, otherArgs.JobId);
        Assert.Equal(first.Id, otherName.JobId);
    }

    [Fact]
    public async Task Id_WhenTheJobWasForgotten_StillDeduplicates()
    {
        var options = new EnqueueOptions { Id = Some.Key("order") };
        var first = await Jobs.EnqueueAsync(new EchoText("one"), options, Cancellation);
        await first.EndAsync();
        Assert.True(await first.ForgetAsync(Cancellation));

        Assert.True((await Jobs.EnqueueAsync(new EchoText("one"), options, Cancellation)).IsExisting);
        await Assert.ThrowsAsync<JobIdConflictException>(() => Jobs.EnqueueAsync(new EchoText("two"), options, Cancellation));
    }

    [Fact]
    public async Task Id_WhenManyCallersRace_OneJobIsStored()
    {
        var job = Scripts.Add(_ => "once");
        var options = new EnqueueOptions { Id = Some.Key("race") };

        var handles = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => EnqueueAsync(job, options)));

        Assert.Single(handles, handle => !handle.IsExisting);
        Assert.Single(handles.Select(handle => handle.Id).Distinct());
        await handles[0].EndAsync();
        Assert.Equal(1, Scripts.RunsOf(job));
    }

    [Fact]
    public async Task UniqueKey_WhileItsJobLives_GivesTheHolder()
    {
        var options = new EnqueueOptions { UniqueKey = Some.Key("customer 7") };
        var (holder, gate) = await RunAtGateAsync(options);

        var other = await EnqueueAsync(_ => "another", options);

        Assert.True(other.IsExisting);
        Assert.Equal(holder.Id, other.Id);
        Assert.Equal(options.UniqueKey, (await holder.InfoAsync()).UniqueKey);
        gate.Open();
        Assert.Equal("passed", await other.ResultAsync());
    }

    [Fact]
    public async Task UniqueKey_WhenItsJobHasEnded_IsFree()
    {
        var options = new EnqueueOptions { UniqueKey = Some.Key("customer 8") };
        var first = await EnqueueAsync(_ => "first", options);
        await first.EndAsync();

        var second = await EnqueueAsync(_ => "second", options);

        Assert.False(second.IsExisting);
        Assert.Equal("second", await second.ResultAsync());
    }

    [Fact]
    public async Task UniqueKey_WhenItIsHeldForATime_OutlivesItsJob()
    {
        var options = new EnqueueOptions { UniqueKey = Some.Key("customer 9"), UniqueFor = TimeSpan.FromHours(1) };
        var first = await EnqueueAsync(_ => "first", options);
        await first.EndAsync();

        var second = await EnqueueAsync(_ => "second", options);

        Assert.True(second.IsExisting);
        Assert.Equal("first", await second.ResultAsync());
    }

    [Fact]
    public async Task UniqueKey_WhenItsTimeHasPassed_IsFree()
    {
        var options = new EnqueueOptions { UniqueKey = Some.Key("customer 12"), UniqueFor = TimeSpan.FromSeconds(1) };
        var first = await EnqueueAsync(_ => "first", options);
        var until = (await first.EndInfoAsync()).EnqueuedAt + options.UniqueFor.Value;

        var second = await EnqueueAsync(_ => "second", options);
        Assert.True(second.IsExisting || TimeProvider.System.GetUtcNow() >= until, "The key was given away before its time.");
        await UntilAsync(until + Some.Moment + Some.Moment + options.UniqueFor.Value); // Had the machine been so slow that the second took the key, that time too is over.
        var third = await EnqueueAsync(_ => "third", options);

        Assert.Equal((false, "third"), (third.IsExisting, await third.ResultAsync()));
    }

    [Fact]
    public async Task UniqueKey_WhenItsTimeHasPassedButItsJobLives_IsHeld()
    {
        var options = new EnqueueOptions { UniqueKey = Some.Key("customer 13"), UniqueFor = Some.Moment };
        var (holder, gate) = await RunAtGateAsync(options);
        await UntilAsync((await holder.InfoAsync()).EnqueuedAt + Some.Moment + Some.Moment);

        Assert.True((await EnqueueAsync(_ => "another", options)).IsExisting);

        gate.Open();
        await holder.EndAsync();
        Assert.False((await EnqueueAsync(_ => "another", options)).IsExisting);
    }

    [Fact]
    public async Task UniqueKey_WhenQueuesDiffer_IsAnother()
    {
        var options = new EnqueueOptions { UniqueKey = Some.Key("customer 14") };
        var (_, gate) = await RunAtGateAsync(options);

        Assert.False((await EnqueueAsync(_ => "elsewhere", options with { Queue = "low" })).IsExisting);
        gate.Open();
    }

    [Fact]
    public async Task UniqueKey_WhenJobNamesDiffer_IsAnother()
    {
        var options = new EnqueueOptions { UniqueKey = Some.Key("customer 10") };
        var (_, gate) = await RunAtGateAsync(options);

        Assert.False((await Jobs.EnqueueAsync(new EchoText("other name"), options, Cancellation)).IsExisting);
        gate.Open();
    }

    [Fact]
    public async Task UniqueKey_WhenItsJobIsADeadLetter_IsFreeAndRedriveNamesTheNewHolder()
    {
        var options = new EnqueueOptions { UniqueKey = Some.Key("customer 11"), MaxRetries = 0 };
        var dead = await EnqueueAsync(_ => throw new IOException("Broken."), options);
        await dead.EndAsync();
        var (holder, gate) = await RunAtGateAsync(options);

        var held = await Assert.ThrowsAsync<UniqueKeyHeldException>(() => dead.RedriveAsync(Cancellation));

        Assert.Equal((dead.Id, holder.Id), (held.JobId, held.HolderId));
        gate.Open();
        await holder.EndAsync();
        Assert.True(await dead.RedriveAsync(Cancellation));
    }
}

[Collection(SqliteGroup.Name)]
public sealed class UniqueOnSqliteTests(SqliteKrewe krewe) : UniqueTests(krewe);

[Collection(RedisGroup.Name)]
public sealed class UniqueOnRedisTests(RedisKrewe krewe) : UniqueTests(krewe);
