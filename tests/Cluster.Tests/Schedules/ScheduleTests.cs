using Krewe.Cluster.Tests.Fixtures;
using Krewe.Cluster.Tests.Flows;
using Krewe.Testing;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.Schedules;

/// <summary>Schedules through the client, on both stores.</summary>
public abstract class ScheduleTests(SharedKrewe krewe) : KreweTests(krewe)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private IScheduleClient Schedules => Jobs.Schedules;

    [Fact]
    public async Task Schedule_WhenItIsDue_RunsItsJobWithHeadersThatTellOfIt()
    {
        var (id, told) = (Some.Key("s"), new TaskCompletionSource<(string Schedule, string Due, string Own, string Job)>());
        var job = Scripts.Add(context =>
        {
            told.TrySetResult((context.Headers["krewe-schedule"], context.Headers["krewe-due"], context.Headers["own"], context.JobId));
            return "ran";
        });

        var made = await Schedules.CreateAsync(id, Recurrence.Every(Second), job.With(new EnqueueOptions { Headers = new Dictionary<string, string> { ["own"] = "mine" } }), new ScheduleOptions { MaxRuns = 2 }, Cancellation);
        var (schedule, due, own, jobId) = await told.Task.WaitAsync(Patience, Cancellation);
        var ended = await UntilAsync(id, info => info.State == ScheduleState.Ended);

        Assert.Equal((id, "mine"), (schedule, own));
        Assert.Equal(made.NextDue, DateTimeOffset.Parse(due, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal((2L, 0L, 0L), (ended.Fired, ended.Skipped, ended.Missed));
        Assert.Equal([made.NextDue!.Value.Add(Second), made.NextDue.Value], ended.Occurrences.Select(occurrence => occurrence.Due));
        Assert.Equal(jobId, ended.Occurrences[1].JobId);
        Assert.Equal("ran", await Jobs.GetHandle<string>(ended.Occurrences[0].JobId!).GetResultAsync(Patience, Cancellation));
    }

    [Fact]
    public async Task Schedule_WhenItIsOfAFlow_RunsTheFlowAtEachOccurrence()
    {
        var id = Some.Key("s");
        await Schedules.CreateAsync(id, Recurrence.Every(Second), Chord.Of(new Add(1), new Add(2)).Then(new Sum()), new ScheduleOptions { MaxRuns = 2, Flow = new FlowOptions { Name = "sums" } }, Cancellation);

        var ended = await UntilAsync(id, info => info.State == ScheduleState.Ended);

        foreach (var occurrence in ended.Occurrences)
        {
            Assert.Equal(3, await Jobs.GetFlow<int>(occurrence.JobId!).GetResultAsync(Patience, Cancellation));
            Assert.Equal("sums", (await Jobs.GetFlow(occurrence.JobId!).GetInfoAsync(Cancellation))!.Name);
        }

        Assert.Equal(2, ended.Occurrences.Select(occurrence => occurrence.JobId).Distinct().Count());
    }

    [Fact]
    public async Task Create_WhenTheIdIsTaken_IsRefused()
    {
        var id = Some.Key("s");
        await Schedules.CreateAsync(id, Recurrence.Cron("0 2 * * *"), new Add(1), cancellationToken: Cancellation);

        var exception = await Assert.ThrowsAsync<ScheduleExistsException>(() => Schedules.CreateAsync(id, Recurrence.Cron("0 3 * * *"), new Add(1), cancellationToken: Cancellation));

        Assert.Contains(id, exception.Message, StringComparison.Ordinal);
        Assert.Equal("At 02:00, UTC", (await Schedules.GetAsync(id, Cancellation))!.Text);
    }

    [Fact]
    public async Task Create_WhenNoSiloDeclaredTheJob_IsRefused()
    {
        var unknown = System.Text.Json.JsonElement.Parse("{}");

        var exception = await Assert.ThrowsAsync<UnknownJobException>(() => Schedules.CreateAsync(Some.Key("s"), Recurrence.Cron("0 2 * * *"), new Krewe.Flows.NamedStep("nobody.handles", unknown), cancellationToken: Cancellation));

        Assert.Equal("nobody.handles", exception.JobName);
    }

    [Fact]
    public async Task Create_WhenItCannotBe_SaysWhatWasExpected()
    {
        (Recurrence Recurrence, ScheduleOptions Options, string Says)[] cases =
        [
            (Recurrence.Cron("61 * * * *"), new(), "minute"),
            (Recurrence.Cron("0 0 30 2 *"), new(), "must be due some day"),
            (Recurrence.Cron("0 2 * * *", "Mars/Base"), new(), "timeZone"),
            (Recurrence.Every(TimeSpan.Zero), new(), "every must be 1 second"),
            (Recurrence.Solar(SolarEvent.Sunset, 91, 0), new(), "latitude"),
            (Recurrence.At(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero)), new(), "due some time after now"),
            (Recurrence.Every(Second), new() { Start = DateTimeOffset.UnixEpoch.AddDays(2), End = DateTimeOffset.UnixEpoch.AddDays(1) }, "End must be later than Start"),
            (Recurrence.Every(Second), new() { End = DateTimeOffset.UnixEpoch }, "due some time after now"),
            (Recurrence.Every(Second), new() { Jitter = TimeSpan.FromDays(2) }, "Jitter"),
            (Recurrence.Every(Second), new() { MisfireThreshold = TimeSpan.Zero }, "MisfireThreshold"),
            (Recurrence.Every(Second), new() { Enqueue = new EnqueueOptions { UniqueKey = "k" } }, "UniqueKey"),
            (Recurrence.Every(Second), new() { Flow = new FlowOptions() }, "Flow"),
        ];
        foreach (var (recurrence, options, says) in cases)
        {
            var exception = await Assert.ThrowsAsync<InvalidJobException>(() => Schedules.CreateAsync(Some.Key("s"), recurrence, new Add(1), options, Cancellation));
            Assert.Contains(says, exception.Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<InvalidJobException>(() => Schedules.CreateAsync(new string('a', 10_000), Recurrence.Every(Second), new Add(1), cancellationToken: Cancellation));
        await Assert.ThrowsAsync<UnknownQueueException>(() => Schedules.CreateAsync(Some.Key("s"), Recurrence.Every(Second), new Add(1), new ScheduleOptions { Enqueue = new EnqueueOptions { Queue = "nowhere" } }, Cancellation));
    }

    [Fact]
    public async Task Update_WhenTheEtagIsStale_IsRefused()
    {
        var id = Some.Key("s");
        var made = await Schedules.CreateAsync(id, Recurrence.Cron("0 2 * * *"), new Add(1), new ScheduleOptions { Enqueue = new EnqueueOptions { Priority = 7 }, Description = "first" }, Cancellation);
        var changed = await Schedules.UpdateAsync(id, new ScheduleChange { Recurrence = Recurrence.Cron("0 3 * * *", "Europe/Berlin") }, made.ETag, Cancellation);

        var exception = await Assert.ThrowsAsync<ScheduleChangedException>(() => Schedules.UpdateAsync(id, new ScheduleChange { Work = new Add(2) }, made.ETag, Cancellation));
        var worked = await Schedules.UpdateAsync(id, new ScheduleChange { Work = new Add(2) }, changed.ETag, Cancellation);

        Assert.Equal(changed.ETag, exception.ETag);
        Assert.Equal(("At 03:00, Europe/Berlin", "{\"number\":2}", 7, "first"), (worked.Text, worked.Args!.Value.GetRawText(), worked.Options.Enqueue!.Priority, worked.Options.Description));
        await Assert.ThrowsAsync<UnknownScheduleException>(() => Schedules.UpdateAsync(Some.Key("none"), new ScheduleChange { Work = new Add(2) }, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Update_WhenItNamesAQueueOrNone_EnqueuesThere()
    {
        var id = Some.Key("s");
        await Schedules.CreateAsync(id, Recurrence.Cron("0 2 * * *"), new Add(1), new ScheduleOptions { Enqueue = new EnqueueOptions { Queue = "low" } }, Cancellation);
        await Schedules.UpdateAsync(id, new ScheduleChange { Work = new Add(2) }, cancellationToken: Cancellation);
        var low = await Schedules.TriggerAsync(id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<UnknownQueueException>(() => Schedules.UpdateAsync(id, new ScheduleChange { Options = new ScheduleOptions { Enqueue = new EnqueueOptions { Queue = "nowhere" } } }, cancellationToken: Cancellation));
        await Schedules.UpdateAsync(id, new ScheduleChange { Options = new ScheduleOptions() }, cancellationToken: Cancellation);
        var own = await Schedules.TriggerAsync(id, cancellationToken: Cancellation);

        Assert.Equal(("low", "default"), (low.JobId!.Split('~')[0], own.JobId!.Split('~')[0]));
    }

    [Fact]
    public async Task Pause_WhenItIsDue_FiresNothingUntilItIsResumed()
    {
        var id = Some.Key("s");
        await Schedules.CreateAsync(id, Recurrence.Every(Second), new Add(1), cancellationToken: Cancellation);
        var paused = await Schedules.PauseAsync(id, Cancellation);
        await UntilAsync(TimeProvider.System.GetUtcNow().AddSeconds(2.5));

        var before = (await Schedules.GetAsync(id, Cancellation))!;
        var resumed = await Schedules.ResumeAsync(id, Cancellation);
        await UntilAsync(id, info => info.Fired > before.Fired);

        Assert.Equal((ScheduleState.Paused, null, paused.Fired), (before.State, before.NextDue, before.Fired));
        Assert.Equal((0L, ScheduleState.Active), (resumed.Missed, resumed.State));
        await Schedules.DeleteAsync(id, Cancellation);
    }

    [Fact]
    public async Task Trigger_WhenItIsPaused_EnqueuesOnceByNonce()
    {
        var id = Some.Key("s");
        await Schedules.CreateAsync(id, Recurrence.Cron("0 2 * * *"), new Add(4), new ScheduleOptions { Enabled = false }, Cancellation);

        var first = await Schedules.TriggerAsync(id, "n1", Cancellation);
        var same = await Schedules.TriggerAsync(id, "n1", Cancellation);
        var other = await Schedules.TriggerAsync(id, cancellationToken: Cancellation);

        Assert.Equal(first.JobId, same.JobId);
        Assert.NotEqual(first.JobId, other.JobId);
        Assert.Equal(4, await Jobs.GetHandle<int>(first.JobId!).GetResultAsync(Patience, Cancellation));
        Assert.Equal([OccurrenceOutcome.Triggered, OccurrenceOutcome.Triggered], (await Schedules.GetAsync(id, Cancellation))!.Occurrences.Select(occurrence => occurrence.Outcome));
        await Assert.ThrowsAsync<UnknownScheduleException>(() => Schedules.TriggerAsync(Some.Key("none"), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Overlap_WhenTheOneBeforeRuns_SkipsOrCancelsIt()
    {
        foreach (var overlap in (OverlapPolicy[])[OverlapPolicy.Skip, OverlapPolicy.CancelPrevious])
        {
            var (id, gate) = (Some.Key("s"), new Gate());
            var job = Scripts.Add(async (_, token) =>
            {
                await gate.PassAsync(token);
                return "passed";
            });
            await Schedules.CreateAsync(id, Recurrence.Every(Second), job, new ScheduleOptions { Overlap = overlap }, Cancellation);
            if (overlap == OverlapPolicy.Skip)
            {
                await gate.ArrivedAsync();
                var skipped = await UntilAsync(id, info => info.Skipped >= 2);
                Assert.Equal((1L, 1), (skipped.Fired, Scripts.RunsOf(job)));
                Assert.Contains("has not ended", skipped.Occurrences[0].Reason, StringComparison.Ordinal);
            }
            else
            {
                var fired = await UntilAsync(id, info => info.Fired >= 2);
                await Assert.ThrowsAsync<JobCancelledException>(() => Jobs.GetHandle<string>(fired.Occurrences[^1].JobId!).GetResultAsync(Patience, Cancellation));
            }

            await Schedules.DeleteAsync(id, Cancellation);
            gate.Open();
        }
    }

    [Fact]
    public async Task Backfill_WhenItIsOfThePast_EnqueuesWhatIsNotThere()
    {
        var id = Some.Key("s");
        await Schedules.CreateAsync(id, Recurrence.Cron("0 2 * * *"), new Add(1), cancellationToken: Cancellation);
        var (from, to) = (new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 3, 4, 0, 0, 0, TimeSpan.Zero));

        var dry = await Schedules.BackfillAsync(id, from, to, dryRun: true, Cancellation);
        var filled = await Schedules.BackfillAsync(id, from, to, cancellationToken: Cancellation);
        var again = await Schedules.BackfillAsync(id, from, to, cancellationToken: Cancellation);

        DateTimeOffset[] dues = [from.AddHours(2), from.AddHours(26), from.AddHours(50)];
        Assert.Equal((true, false), (dry.IsDryRun, filled.IsDryRun));
        Assert.Equal([.. dues.Select(due => new BackfilledOccurrence(due, null, false))], dry.Occurrences);
        Assert.Equal(dues.Select(due => (due, false)), filled.Occurrences.Select(occurrence => (occurrence.Due, occurrence.IsExisting)));
        Assert.Equal(filled.Occurrences.Select(occurrence => (occurrence.JobId, true)), again.Occurrences.Select(occurrence => (occurrence.JobId, occurrence.IsExisting)));
        await Assert.ThrowsAsync<InvalidJobException>(() => Schedules.BackfillAsync(id, to, from, cancellationToken: Cancellation));
        await Assert.ThrowsAsync<InvalidJobException>(() => Schedules.BackfillAsync(id, from, TimeProvider.System.GetUtcNow().AddDays(1), cancellationToken: Cancellation));
        await Assert.ThrowsAsync<InvalidJobException>(() => Schedules.BackfillAsync(id, from.AddYears(-10), to, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task List_WhenThereAreSeveral_PagesById()
    {
        var prefix = Some.Key("s");
        for (var number = 0; number < 5; number++)
        {
            await Schedules.CreateAsync($"{prefix}.{number}", Recurrence.Cron("0 2 * * *"), new Add(number), cancellationToken: Cancellation);
        }

        var first = await Schedules.ListAsync($"{prefix}.0", 2, Cancellation);
        var second = await Schedules.ListAsync(first.Next, 2, Cancellation);

        Assert.Equal([$"{prefix}.1", $"{prefix}.2", $"{prefix}.3", $"{prefix}.4"], first.Schedules.Concat(second.Schedules).Select(schedule => schedule.Id));
        Assert.Equal(3, (await Schedules.PreviewAsync($"{prefix}.0", 3, Cancellation)).Count);
        await Assert.ThrowsAsync<InvalidJobException>(() => Schedules.ListAsync(limit: 1_001, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Delete_WhenItIsGone_SaysSo()
    {
        var id = Some.Key("s");
        var made = await Schedules.CreateAsync(id, Recurrence.Cron("0 2 * * *"), new Add(1), cancellationToken: Cancellation);

        Assert.True(await Schedules.DeleteAsync(id, Cancellation));
        Assert.False(await Schedules.DeleteAsync(id, Cancellation));
        Assert.Null(await Schedules.GetAsync(id, Cancellation));
        Assert.NotEqual(made.ETag, (await Schedules.CreateAsync(id, Recurrence.Cron("0 2 * * *"), new Add(1), cancellationToken: Cancellation)).ETag);
    }

    private async Task<ScheduleInfo> UntilAsync(string id, Func<ScheduleInfo, bool> isReached)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Patience);
        while (true)
        {
            var schedule = await Schedules.GetAsync(id, limit.Token);
            if (schedule is not null && isReached(schedule))
            {
                return schedule;
            }

            await UntilAsync(TimeProvider.System.GetUtcNow().AddMilliseconds(100));
        }
    }
}

[Collection(SqliteGroup.Name)]
public sealed class SqliteScheduleTests(SqliteKrewe krewe) : ScheduleTests(krewe);

[Collection(RedisGroup.Name)]
public sealed class RedisScheduleTests(RedisKrewe krewe) : ScheduleTests(krewe);
