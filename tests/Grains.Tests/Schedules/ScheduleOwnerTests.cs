using Xunit;

namespace Krewe.Grains.Tests.Schedules;

public sealed class ScheduleOwnerTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero); // A Friday.

    private readonly ScheduleRig _rig = new(Noon);

    [Fact]
    public async Task Wake_WhenNothingIsDue_WaitsByATimerOnlyWhereItIsNear()
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(5)));
        Assert.Null(_rig.Timer);

        await _rig.AtAsync(Noon.AddMinutes(4.5));

        Assert.Equal(TimeSpan.FromSeconds(30), _rig.Timer);
        Assert.Empty(_rig.Sender.Sent);
    }

    [Fact]
    public async Task Wake_WhenItIsDue_FiresOnceAndCountsFromTheDueInstant()
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(5)));

        await _rig.AtAsync(Noon.AddMinutes(5).AddSeconds(2));
        await _rig.Owner.WakeAsync();

        Assert.Equal([Noon.AddMinutes(5)], _rig.Sender.Sent);
        Assert.Equal((Noon.AddMinutes(5), Noon.AddMinutes(10), 1L), (_rig.Stored.LastDue, _rig.Stored.NextDue, _rig.Stored.Fired));
        Assert.Equal((OccurrenceOutcome.Fired, TimeSpan.FromSeconds(2)), (Assert.Single(_rig.Stored.Occurrences).Outcome, _rig.Stored.Occurrences[0].Lateness));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Wake_WhenItDiesBetweenEnqueueAndWrite_TheNextOneEnqueuesNothingMore(bool isAnswerLost)
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(5)));
        (_rig.Store.LosesWrite, _rig.Store.LosesAnswer) = (!isAnswerLost, isAnswerLost);

        await _rig.AtAsync(Noon.AddMinutes(5));
        _rig.Crash();
        await _rig.AtAsync(Noon.AddMinutes(5).AddSeconds(3));

        Assert.Equal([Noon.AddMinutes(5)], _rig.Sender.Sent);
        Assert.Equal((Noon.AddMinutes(10), 1L), (_rig.Stored.NextDue, _rig.Stored.Fired));
    }

    [Fact]
    public async Task Wake_WhenTheStoreIsAway_TriesAgainAfterAPauseThatGrows()
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(5)));
        _rig.Sender.Failure = new StoreUnavailableException("The store is away.");

        await _rig.AtAsync(Noon.AddMinutes(5));
        Assert.Equal(TimeSpan.FromSeconds(1), _rig.Timer);
        await _rig.AtAsync(Noon.AddMinutes(5).AddSeconds(0.5)); // A sweep comes by meanwhile.
        Assert.Empty(_rig.Sender.Sent);
        _rig.Sender.Failure = new QueueFullException("default");
        await _rig.AtAsync(Noon.AddMinutes(5).AddSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(2), _rig.Timer);
        await _rig.AtAsync(Noon.AddMinutes(5).AddSeconds(3));

        Assert.Equal([Noon.AddMinutes(5)], _rig.Sender.Sent);
    }

    [Fact]
    public async Task Wake_WhenTheJobIsRefusedForAMinute_SkipsWithTheReasonAndGoesOn()
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(5)));
        _rig.Sender.Failure = new UnknownQueueException("gone");

        await _rig.AtAsync(Noon.AddMinutes(5));
        Assert.True(_rig.Owner.IsStuck);
        Assert.Empty(_rig.Stored.Occurrences);
        _rig.Crash();
        _rig.Sender.Failure = new UnknownQueueException("gone");
        await _rig.AtAsync(Noon.AddMinutes(6));
        await _rig.AtAsync(Noon.AddMinutes(10));

        Assert.Equal([Noon.AddMinutes(10)], _rig.Sender.Sent);
        Assert.Contains("gone", _rig.Stored.Occurrences[0].Reason, StringComparison.Ordinal);
        Assert.Equal((1L, 1L), (_rig.Stored.Skipped, _rig.Stored.Fired));
    }

    [Fact]
    public async Task Wake_WhenTheClusterWasDownFromFridayToMonday_FollowsTheMisfirePolicy()
    {
        var monday = Noon.AddDays(3).AddHours(1);
        (MisfirePolicy Policy, int Max, int Fired, long Missed)[] cases = [(MisfirePolicy.FireOnce, 100, 1, 72), (MisfirePolicy.FireAll, 100, 73, 0), (MisfirePolicy.FireAll, 10, 10, 63), (MisfirePolicy.Skip, 100, 0, 73)];
        foreach (var (policy, max, fired, missed) in cases)
        {
            var rig = new ScheduleRig(Noon);
            await rig.CreateAsync(Recurrence.Cron("30 * * * *"), new ScheduleOptions { Misfire = policy, MaxMisfires = max });

            await rig.AtAsync(monday);

            Assert.Equal(fired, rig.Sender.Sent.Count);
            Assert.Equal((missed, (long)fired, monday.AddMinutes(30)), (rig.Stored.Missed, rig.Stored.Fired, rig.Stored.NextDue));
            Assert.Equal(monday.AddMinutes(-30), rig.Stored.LastDue);
            Assert.Equal(missed, rig.Stored.Occurrences.Where(occurrence => occurrence.Outcome == OccurrenceOutcome.Missed).Sum(occurrence => occurrence.Count));
            Assert.Equal(Enumerable.Range(0, fired).Select(hour => monday.AddMinutes(-30).AddHours(hour + 1 - fired)), rig.Sender.Sent);
        }
    }

    [Fact]
    public async Task Wake_WhenItSleptForAYearOfSeconds_CountsTenThousandAndFiresTheLast()
    {
        await _rig.CreateAsync(Recurrence.Cron("* * * * * *"));

        await _rig.AtAsync(Noon.AddYears(1));

        Assert.Equal([Noon.AddYears(1)], _rig.Sender.Sent);
        Assert.Equal((9_999L, Noon.AddYears(1).AddSeconds(1)), (_rig.Stored.Missed, _rig.Stored.NextDue));
    }

    [Fact]
    public async Task Wake_WhenItIsLateWithinTheThreshold_FiresAllThatIsDue()
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromSeconds(10)), new ScheduleOptions { Misfire = MisfirePolicy.Skip });

        await _rig.AtAsync(Noon.AddSeconds(65));

        Assert.Equal(Enumerable.Range(1, 6).Select(number => Noon.AddSeconds(10 * number)), _rig.Sender.Sent);
        Assert.Equal(0, _rig.Stored.Missed);
    }

    [Theory]
    [InlineData(OverlapPolicy.Allow, 2, 0)]
    [InlineData(OverlapPolicy.Skip, 1, 0)]
    [InlineData(OverlapPolicy.CancelPrevious, 2, 1)]
    public async Task Wake_WhenTheOneBeforeHasNotEnded_FollowsTheOverlapPolicy(OverlapPolicy overlap, int sent, int cancelled)
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(5)), new ScheduleOptions { Overlap = overlap });
        await _rig.AtAsync(Noon.AddMinutes(5));
        _rig.Sender.HasEnded = false;

        await _rig.AtAsync(Noon.AddMinutes(10));

        Assert.Equal((sent, cancelled), (_rig.Sender.Sent.Count, _rig.Sender.Cancelled.Count));
        Assert.Equal(2 - sent, (int)_rig.Stored.Skipped);
        _rig.Sender.HasEnded = true;
        await _rig.AtAsync(Noon.AddMinutes(15));
        Assert.Equal(sent + 1, _rig.Sender.Sent.Count);
    }

    [Fact]
    public async Task Wake_WhenRunsOrEndAreReached_Ends()
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(5)), new ScheduleOptions { MaxRuns = 2 });
        await _rig.AtAsync(Noon.AddMinutes(5));
        await _rig.AtAsync(Noon.AddMinutes(10));
        Assert.Null(_rig.Stored.NextDue);
        Assert.Null(_rig.Store.Row!.WakeAt);

        var other = new ScheduleRig(Noon);
        await other.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(5)), new ScheduleOptions { Start = Noon.AddMinutes(7), End = Noon.AddMinutes(12) });
        await other.AtAsync(Noon.AddMinutes(7));
        await other.AtAsync(Noon.AddMinutes(12));
        await other.AtAsync(Noon.AddMinutes(30));
        Assert.Equal([Noon.AddMinutes(7), Noon.AddMinutes(12)], other.Sender.Sent);
    }

    [Fact]
    public async Task Wake_WhenTheClockIsSetBackOrForward_FiresEachInstantOnce()
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(5)), new ScheduleOptions { Misfire = MisfirePolicy.FireAll });
        await _rig.AtAsync(Noon.AddMinutes(17));

        var back = new ScheduleRig(Noon.AddMinutes(-30)) { Store = { Row = _rig.Store.Row } };
        await back.Owner.WakeAsync();
        await back.Owner.UpdateAsync(ScheduleRig.Order(null, new ScheduleOptions { Enabled = false }, "pause"), etag: null);
        await back.Owner.EnableAsync(true);

        Assert.Empty(back.Sender.Sent);
        Assert.Equal(Noon.AddMinutes(20), back.Stored.NextDue);
        Assert.Equal([Noon.AddMinutes(5), Noon.AddMinutes(10), Noon.AddMinutes(15)], _rig.Sender.Sent);
    }

    [Fact]
    public async Task Update_WhenTheEtagIsStale_IsRefusedAndChangesNothing()
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(5)));
        var etag = _rig.Stored.ETag;
        await _rig.Owner.UpdateAsync(ScheduleRig.Order(Recurrence.Every(TimeSpan.FromMinutes(6)), null, "one"), etag);

        var exception = await Assert.ThrowsAsync<ScheduleChangedException>(() => _rig.Owner.UpdateAsync(ScheduleRig.Order(Recurrence.Every(TimeSpan.FromMinutes(7)), null, "two"), etag));
        await _rig.Owner.UpdateAsync(ScheduleRig.Order(Recurrence.Every(TimeSpan.FromMinutes(6)), null, "one"), etag); // The first one, repeated.

        Assert.Equal(_rig.Stored.ETag, exception.ETag);
        Assert.Equal((2, TimeSpan.FromMinutes(6)), (_rig.Stored.Revision, _rig.Stored.Definition.Recurrence!.Every));
    }

    [Fact]
    public async Task Update_WhenOnlyTheOptionsChange_KeepsWhatIsDue()
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(5)));
        _rig.Time.SetUtcNow(Noon.AddMinutes(5).AddSeconds(1));

        await _rig.Owner.UpdateAsync(ScheduleRig.Order(null, new ScheduleOptions { Description = "new" }, "one"), etag: null);

        Assert.Equal([Noon.AddMinutes(5)], _rig.Sender.Sent);
    }

    [Fact]
    public async Task Seed_WhenAnOperatorChangedIt_LeavesTheChangeUntilItIsReset()
    {
        var every = Recurrence.Every(TimeSpan.FromMinutes(5));
        await _rig.Owner.SeedAsync(ScheduleRig.Order(every, new ScheduleOptions()), ScheduleSource.Code);
        Assert.False(_rig.Stored.IsOverridden);
        await _rig.Owner.SeedAsync(ScheduleRig.Order(every, new ScheduleOptions { Description = "newer" }), ScheduleSource.Code);
        Assert.Equal("newer", _rig.Stored.Definition.Options!.Description);

        await _rig.Owner.EnableAsync(false);
        await _rig.Owner.SeedAsync(ScheduleRig.Order(every, new ScheduleOptions { Description = "newest" }), ScheduleSource.Code);
        Assert.Equal((true, false, "newer"), (_rig.Stored.IsOverridden, _rig.Stored.Definition.Options!.Enabled, _rig.Stored.Definition.Options.Description));
        var writes = _rig.Store.Writes;
        await _rig.Owner.SeedAsync(ScheduleRig.Order(every, new ScheduleOptions { Description = "newest" }), ScheduleSource.Code);
        Assert.Equal(writes, _rig.Store.Writes);

        await _rig.Owner.ResetAsync();
        Assert.Equal((false, true, "newest"), (_rig.Stored.IsOverridden, _rig.Stored.Definition.Options!.Enabled, _rig.Stored.Definition.Options.Description));
    }

    [Fact]
    public async Task Delete_WhenItIsMadeAgain_ItsOccurrencesAreNewOnes()
    {
        var due = Noon.AddMinutes(5);
        await _rig.CreateAsync(Recurrence.Cron("5 12 * * *"));
        await _rig.Owner.BackfillAsync(Noon.AddDays(-1), Noon, isDryRun: false);
        await _rig.Owner.BackfillAsync(Noon.AddDays(-1), Noon, isDryRun: false);
        Assert.Equal([due.AddDays(-1)], _rig.Sender.Sent);

        Assert.True(await _rig.Owner.DeleteAsync());
        Assert.False(await _rig.Owner.DeleteAsync());
        await _rig.CreateAsync(Recurrence.Cron("5 12 * * *"));
        await _rig.Owner.BackfillAsync(Noon.AddDays(-1), Noon, isDryRun: false);

        Assert.Equal([due.AddDays(-1), due.AddDays(-1)], _rig.Sender.Sent); // An equal id would have been there already.
    }

    [Fact]
    public async Task Backfill_WhenSomeFired_EnqueuesTheOthers()
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(5)), new ScheduleOptions { Misfire = MisfirePolicy.Skip });
        await _rig.AtAsync(Noon.AddMinutes(5));
        await _rig.AtAsync(Noon.AddMinutes(22));

        var dry = await _rig.Owner.BackfillAsync(Noon.AddMinutes(1), Noon.AddMinutes(20), isDryRun: true);
        var filled = await _rig.Owner.BackfillAsync(Noon.AddMinutes(1), Noon.AddMinutes(20), isDryRun: false);

        Assert.Equal([Noon.AddMinutes(5), Noon.AddMinutes(10), Noon.AddMinutes(15)], dry.Select(occurrence => occurrence.Due));
        Assert.Equal([true, false, false], filled.Select(occurrence => occurrence.IsExisting));
        Assert.Equal([Noon.AddMinutes(5), Noon.AddMinutes(10), Noon.AddMinutes(15)], _rig.Sender.Sent);
    }

    [Fact]
    public async Task Jitter_WhenItIsSet_SpreadsWithinItAndIsTheSameForEveryActivation()
    {
        var jitter = TimeSpan.FromMinutes(2);
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(5)), new ScheduleOptions { Jitter = jitter });
        var wakes = new List<TimeSpan>();
        for (var number = 1; number <= 20; number++)
        {
            var due = _rig.Stored.NextDue!.Value;
            Assert.Equal(Noon.AddMinutes(5 * number), due);
            wakes.Add(_rig.Store.Row!.WakeAt!.Value - due);
            await _rig.AtAsync(_rig.Store.Row.WakeAt.Value.AddTicks(-1));
            Assert.Equal(number - 1, _rig.Sender.Sent.Count);
            _rig.Crash();
            await _rig.AtAsync(_rig.Store.Row.WakeAt.Value);
            Assert.Equal(number, _rig.Sender.Sent.Count);
        }

        Assert.All(wakes, wake => Assert.InRange(wake, TimeSpan.Zero, jitter));
        Assert.True(wakes.Distinct().Count() > 10, "The jitter is the same for different occurrences.");
    }

    [Fact]
    public async Task Jitter_WhenItIsLongerThanTheInterval_MissesNothing()
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(1)), new ScheduleOptions { Jitter = TimeSpan.FromMinutes(10) });

        for (var second = 0; second < 3_600; second += 2)
        {
            await _rig.AtAsync(Noon.AddSeconds(second));
        }

        Assert.Equal((0L, _rig.Sender.Sent.Count), (_rig.Stored.Missed, (int)_rig.Stored.Fired));
        Assert.InRange(_rig.Sender.Sent.Count, 45, 60);
    }

    [Fact]
    public async Task Wake_WhenSomeIsLateAndSomeIsNot_SkipMissesOnlyWhatIsLate()
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromSeconds(10)), new ScheduleOptions { Misfire = MisfirePolicy.Skip });

        await _rig.AtAsync(Noon.AddSeconds(85));

        Assert.Equal(Enumerable.Range(3, 6).Select(number => Noon.AddSeconds(10 * number)), _rig.Sender.Sent);
        Assert.Equal(2, _rig.Stored.Missed);
    }

    [Fact]
    public async Task Wake_WhenSomebodyPausedItWhileThisSiloStoodStill_FiresNothing()
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(5)));
        var frozen = _rig.Owner;
        _rig.Crash();
        await _rig.Owner.EnableAsync(false);

        _rig.Time.SetUtcNow(Noon.AddMinutes(5));
        await frozen.WakeAsync();

        Assert.Empty(_rig.Sender.Sent);
    }

    [Fact]
    public async Task Update_WhenSomethingIsDue_FiresItByTheOldDefinitionFirst()
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(5)));
        _rig.Time.SetUtcNow(Noon.AddMinutes(5).AddSeconds(1));

        await _rig.Owner.UpdateAsync(ScheduleRig.Order(Recurrence.Cron("0 2 * * *"), null, "other"), etag: null);

        Assert.Equal([Noon.AddMinutes(5)], _rig.Sender.Sent);
        Assert.Equal(new DateTimeOffset(2026, 11, 28, 2, 0, 0, TimeSpan.Zero), _rig.Stored.NextDue);
    }

    [Fact]
    public async Task Pause_WhenWhatIsDueCannotBeEnqueued_TellsItAsMissed()
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(5)));
        _rig.Time.SetUtcNow(Noon.AddMinutes(5).AddSeconds(1));
        _rig.Sender.Failure = new QueueFullException("default");

        await _rig.Owner.EnableAsync(false);

        Assert.Empty(_rig.Sender.Sent);
        Assert.Equal((1L, OccurrenceOutcome.Missed, Noon.AddMinutes(5)), (_rig.Stored.Missed, _rig.Stored.Occurrences[0].Outcome, _rig.Stored.Occurrences[0].Due));
    }

    [Fact]
    public async Task Update_WhenItEndsItOrChangesOneThatEnded_IsTakenUnlessItsRecurrenceIsNeverDue()
    {
        await _rig.CreateAsync(Recurrence.Every(TimeSpan.FromMinutes(5)));

        await _rig.Owner.UpdateAsync(ScheduleRig.Order(null, new ScheduleOptions { End = Noon }, "end"), etag: null);
        await _rig.Owner.UpdateAsync(ScheduleRig.Order(null, new ScheduleOptions { End = Noon, Description = "over" }, "word"), etag: null);

        Assert.Equal((null, "over"), (_rig.Stored.NextDue, _rig.Stored.Definition.Options!.Description));
        await Assert.ThrowsAsync<InvalidJobException>(() => _rig.Owner.UpdateAsync(ScheduleRig.Order(Recurrence.At(Noon.AddDays(-1)), new ScheduleOptions(), "past"), etag: null));
    }
}
