using Krewe.Cluster.Tests.Fixtures;
using Krewe.Cluster.Tests.Jobs;
using Krewe.Testing;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.Delivery;

/// <summary>Every state and the way there, as a client sees them.</summary>
public abstract class StateTests(SharedKrewe krewe) : KreweTests(krewe)
{
    [Fact]
    public async Task Job_WhenItsHandlerReturns_Succeeds()
    {
        var handle = await Jobs.EnqueueAsync(new AddNumbers(2, 3), cancellationToken: Cancellation);

        Assert.Equal(5, await handle.ResultAsync());
        var info = await handle.InfoAsync();
        Assert.Equal((JobState.Succeeded, 1, "sample.add", "default"), (info.State, info.Attempt, info.Name, info.Queue));
        Assert.Equal("silo", info.Worker);
        Assert.True(info.EnqueuedAt <= info.StartedAt && info.StartedAt <= info.FinishedAt);
        Assert.Equal(["job.queued", "job.claimed", "job.started", "job.succeeded"], await Events.StoryUntil("job.succeeded", handle.Id));
    }

    [Fact]
    public async Task Job_WhileItsHandlerRuns_IsRunning()
    {
        var (handle, gate) = await RunAtGateAsync();

        var info = await handle.InfoAsync();
        Assert.Equal((JobState.Running, 1, "silo"), (info.State, info.Attempt, info.Worker));
        Assert.NotNull(info.StartedAt);
        Assert.Null(info.FinishedAt);
        gate.Open();
        Assert.Equal("passed", await handle.ResultAsync());
    }

    [Fact]
    public async Task Job_WhileItWaitsForItsInstant_IsScheduled()
    {
        var handle = await EnqueueAsync(_ => "late", new EnqueueOptions { Delay = TimeSpan.FromHours(1) });

        var info = await handle.InfoAsync();
        Assert.Equal((JobState.Scheduled, 0), (info.State, info.Attempt));
        Assert.Equal(TimeSpan.FromHours(1), info.DueAt - info.EnqueuedAt);
        Assert.Equal(["job.scheduled"], await Events.StoryUntil("job.scheduled", handle.Id));
        Assert.True(await handle.CancelAsync(Cancellation));
    }

    [Fact]
    public async Task Job_WhenItsDelayHasPassed_RunsAndWasPromoted()
    {
        var handle = await EnqueueAsync(_ => "late", new EnqueueOptions { Delay = Some.Moment });

        Assert.Equal("late", await handle.ResultAsync());
        var info = await handle.InfoAsync();
        Assert.True(info.StartedAt - info.EnqueuedAt >= Some.Moment, $"Started {info.StartedAt - info.EnqueuedAt} after the enqueue.");
        Assert.Equal(["job.scheduled", "job.promoted", "job.claimed", "job.started", "job.succeeded"], await Events.StoryUntil("job.succeeded", handle.Id));
    }

    [Fact]
    public async Task Job_WhileItWaitsForARetry_IsRetrying()
    {
        var handle = await EnqueueAsync(_ => throw new IOException("Once."), new EnqueueOptions { Retry = RetryPolicy.Fixed(TimeSpan.FromHours(1)) });

        await Events.Until("job.retried", handle.Id);
        var info = await handle.InfoAsync();
        Assert.Equal((JobState.Retrying, 1), (info.State, info.Attempt));
        Assert.InRange((info.DueAt!.Value - info.StartedAt!.Value).TotalMinutes, 60, 61);
        Assert.True(await handle.CancelAsync(Cancellation));
    }

    [Fact]
    public async Task Job_WhenItsRetriesAreSpent_IsFailed()
    {
        var handle = await EnqueueAsync(_ => throw new IOException("Always."), new EnqueueOptions { MaxRetries = 1, Retry = AtOnce });

        var info = await handle.EndInfoAsync();
        Assert.Equal((JobState.Failed, 2, 1), (info.State, info.Attempt, info.MaxRetries));
        Assert.Equal("Its 1 retries are spent.", info.Reason);
        Assert.Equal(["job.queued", "job.claimed", "job.started", "job.retried", "job.promoted", "job.claimed", "job.started", "job.failed"], await Events.StoryUntil("job.failed", handle.Id));
    }

    [Fact]
    public async Task Job_WhenItIsRedriven_RunsAgainFromTheFirstAttempt()
    {
        var mends = false;
        var handle = await EnqueueAsync(context => mends ? $"attempt {context.Attempt}" : throw new IOException("Not yet."), new EnqueueOptions { MaxRetries = 0 });
        Assert.Equal(JobState.Failed, await handle.EndAsync());

        mends = true;
        Assert.True(await handle.RedriveAsync(Cancellation));

        await Events.Until("job.succeeded", handle.Id);
        Assert.Equal("attempt 1", await handle.ResultAsync());
        Assert.Equal(["job.queued", "job.claimed", "job.started", "job.failed", "job.redriven", "job.claimed", "job.started", "job.succeeded"], await Events.StoryUntil("job.succeeded", handle.Id));
    }

    [Fact]
    public async Task Redrive_WhenItsAnswerWasLostAndItIsRepeated_AnswersAsItDidAndDoesNothing()
    {
        var gate = new Gate();
        var handle = await EnqueueAsync(async (_, token) =>
        {
            await gate.PassAsync(token);
            return "passed";
        });
        await gate.ArrivedAsync();
        await handle.CancelAsync(Cancellation);
        Assert.Equal(JobState.Cancelled, await handle.EndAsync());

        Assert.True(await handle.RedriveAsync(Cancellation));
        Assert.True(await handle.RedriveAsync(Cancellation));
        gate.Open();

        Assert.Equal("passed", await handle.ResultAsync());
        Assert.Single(Events.KindsOf(handle.Id), "job.redriven");
    }

    [Fact]
    public async Task Redrive_WhenTheJobSucceededOrIsNotFinal_IsRefused()
    {
        var done = await EnqueueAsync(_ => "done");
        await done.EndAsync();
        var (running, gate) = await RunAtGateAsync();

        Assert.False(await done.RedriveAsync(Cancellation));
        Assert.False(await running.RedriveAsync(Cancellation));
        Assert.False(await Jobs.GetHandle("default~0~never-was").RedriveAsync(Cancellation));
        gate.Open();
        await running.EndAsync();
    }

    [Fact]
    public async Task Job_WhenItExpiresWhileItWaits_IsExpired()
    {
        var handle = await EnqueueAsync(_ => "never", new EnqueueOptions { Delay = TimeSpan.FromHours(1), ExpiresIn = Some.Moment });

        Assert.Equal(JobState.Expired, await handle.EndAsync());
        await Assert.ThrowsAsync<JobExpiredException>(handle.ResultAsync);
        Assert.Equal(["job.scheduled", "job.expired"], await Events.StoryUntil("job.expired", handle.Id));
    }

    [Fact]
    public async Task Redrive_WhenTheJobHadExpired_RunsIt()
    {
        var handle = await EnqueueAsync(_ => "after all", new EnqueueOptions { Delay = TimeSpan.FromHours(1), ExpiresIn = Some.Moment });
        Assert.Equal(JobState.Expired, await handle.EndAsync());

        Assert.True(await handle.RedriveAsync(Cancellation));

        await Events.Until("job.succeeded", handle.Id);
        Assert.Equal("after all", await handle.ResultAsync());
    }

    [Fact]
    public async Task Jobs_WhenHundredsAreDueAtOneInstant_AllRunAndNoneEarly()
    {
        var at = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(1);
        var handles = await Jobs.EnqueueManyAsync(Enumerable.Range(0, 600).Select(number => new AddNumbers(number, 1)), new EnqueueOptions { NotBefore = at }, Cancellation);

        Assert.Equal(Enumerable.Range(1, 600), await Task.WhenAll(handles.Select(handle => handle.ResultAsync())));
        var infos = await Task.WhenAll(handles.Select(handle => handle.InfoAsync()));
        Assert.All(infos, info => Assert.True(info.StartedAt >= at, $"Started at {info.StartedAt:O}, expected {at:O} or later."));
    }

    [Fact]
    public async Task Job_WhenItIsSnoozed_RunsAgainUnspent()
    {
        var runs = 0;
        var handle = await EnqueueAsync(context => Interlocked.Increment(ref runs) == 1 ? throw context.Snooze(Some.Moment) : $"attempt {context.Attempt}");

        Assert.Equal("attempt 1", await handle.ResultAsync());
        Assert.Equal(["job.queued", "job.claimed", "job.started", "job.snoozed", "job.promoted", "job.claimed", "job.started", "job.succeeded"], await Events.StoryUntil("job.succeeded", handle.Id));
    }

    [Fact]
    public async Task Job_WhenItWasNeverEnqueued_IsUnknown()
    {
        var handle = Jobs.GetHandle<string>("default~0~never-was");

        Assert.Null(await handle.GetInfoAsync(Cancellation));
        Assert.False(await handle.CancelAsync(Cancellation));
        Assert.False((await Assert.ThrowsAsync<ResultGoneException>(handle.ResultAsync)).IsKnown);
    }

    [Fact]
    public async Task Progress_WhileTheHandlerRuns_IsSeen()
    {
        var gate = new Gate();
        var handle = await EnqueueAsync(async (context, token) =>
        {
            context.ReportProgress(3, 10, "three of ten");
            await gate.PassAsync(token);
            context.ReportProgress(10, 10, "all");
            return "done";
        });

        await Events.Until("job.progressed", handle.Id);
        Assert.Equal(new JobProgress(3, 10, "three of ten"), (await handle.InfoAsync()).Progress);
        gate.Open();
        Assert.Equal(new JobProgress(10, 10, "all"), (await handle.EndInfoAsync()).Progress);
    }

    [Fact]
    public async Task Child_WhenAHandlerEnqueuesIt_NamesItsParent()
    {
        JobHandle<string?>? child = null;
        var childJob = Scripts.Add(_ => "child");
        var parent = await EnqueueAsync(async (context, token) =>
        {
            child = await context.Jobs.EnqueueAsync(childJob, new EnqueueOptions { Id = context.ChildId("one") }, token);
            return "parent";
        });

        await parent.EndAsync();
        Assert.NotNull(child);
        await child.EndAsync();
        Assert.Equal(parent.Id, (await child.InfoAsync()).ParentId);
        Assert.Equal([child.Id], (await parent.InfoAsync()).ChildIds);
    }

    [Fact]
    public async Task Child_WhenItsParentIsRetried_IsOneByItsIdAndRepeatedWithoutOne()
    {
        var (named, nameless) = (Scripts.Add(_ => "named"), Scripts.Add(_ => "nameless"));
        var parent = await EnqueueAsync(
            async (context, token) =>
            {
                await context.Jobs.EnqueueAsync(named, new EnqueueOptions { Id = context.ChildId("only") }, token);
                await context.Jobs.EnqueueAsync(nameless, cancellationToken: token);
                return context.Attempt == 1 ? throw new IOException("After its children.") : "parent";
            },
            new EnqueueOptions { Retry = AtOnce });

        await parent.ResultAsync();
        var children = (await parent.InfoAsync()).ChildIds;
        Assert.Equal(3, children.Count);
        await Task.WhenAll(children.Select(id => Jobs.GetHandle(id).EndAsync()));
        Assert.Equal((1, 2), (Scripts.RunsOf(named), Scripts.RunsOf(nameless)));
    }
}

[Collection(SqliteGroup.Name)]
public sealed class StateOnSqliteTests(SqliteKrewe krewe) : StateTests(krewe);

[Collection(RedisGroup.Name)]
public sealed class StateOnRedisTests(RedisKrewe krewe) : StateTests(krewe);
