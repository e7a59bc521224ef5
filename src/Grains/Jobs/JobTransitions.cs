using Krewe.Execution;
using Krewe.Flows;
using Krewe.Retries;
using Krewe.Storage;

namespace Krewe.Jobs;

/// <summary>Every transition of a job, one function per verb. Pure; the only place where a <see cref="JobState"/> changes.</summary>
/// <remarks>
/// <para>A function takes the record as the owner knows it and gives the step for the store: where the job must lie, under which token, what it becomes and
/// where it goes. The store compares and takes it whole, so every crash leaves the job before the step or after it, never between:</para>
/// <code>
/// (nothing) ─Add─▶ Ready | Due          Ready ─Claim─▶ Running ─Succeed─▶ Done
/// (nothing) ─AddClaimed─▶ Running
/// Due ─Promote─▶ Ready                  Running ─Retry | Snooze─▶ Due    Running ─Fail─▶ Dead
/// Ready ─Park─▶ Parked ─Unpark─▶ Ready  Running ─Release | Rescue─▶ Ready (at its old position)
/// Running ─Replace─▶ Parked ─EndReplaced─▶ Done | Dead
/// Ready | Due | Parked ─Cancel | Expire─▶ Done     Running ─Cancel─▶ Done     Dead | Done ─Redrive─▶ Ready
/// </code>
/// <para>Nothing but Redrive leaves a final place. A step from Running always carries the token of the claim, so a late worker is refused.</para>
/// </remarks>
internal static class JobTransitions
{
    /// <summary>When a job runs again whose worker, of a newer version, told an outcome that is not known here: by then its partition may have a newer owner.</summary>
    private static readonly TimeSpan UnknownOutcomeDelay = TimeSpan.FromSeconds(10);

    internal static JobStep Add(NewJob job, long position, DateTimeOffset now)
    {
        var dueAt = job.NotBefore ?? (job.Delay is { } delay ? now + delay : null);
        var waits = dueAt > now;
        var record = new JobRecord
        {
            Id = job.Id,
            Name = job.Name,
            Args = job.Args,
            State = waits ? JobState.Scheduled : JobState.Queued,
            Priority = job.Priority,
            Position = position,
            Fingerprint = job.Fingerprint,
            EnqueuedAt = now,
            DueAt = waits ? dueAt : null,
            ExpiresAt = job.ExpiresAt ?? (job.ExpiresIn is { } within ? now + within : null),
            Settings = job.Settings,
            IsMerged = job.IsMerged,
            Headers = job.Headers is null ? null : new(job.Headers),
            TraceParent = job.TraceParent,
            TraceState = job.TraceState,
            ParentId = job.ParentId,
            UniqueKey = job.UniqueKey,
            UniqueUntil = job.UniqueFor is { } span ? now + span : null,
            HasCallerId = job.HasCallerId,
            FlowId = job.FlowId,
            Member = job.Member,
            Run = job.Run,
            HasInput = job.HasInput,
        };
        return record.ExpiresAt <= now
            ? Final(record with { State = JobState.Expired, FinishedAt = now, DueAt = null, Reason = "It had expired when it was enqueued." }, JobVerb.Add, JobPlace.Nowhere, null, JobLifetimes.Of(record), now) with { Unique = null, IsOwed = job.IsOwed }
            : new JobStep
            {
                Verb = JobVerb.Add,
                Id = record.Id,
                From = JobPlace.Nowhere,
                To = waits ? JobPlace.Due : JobPlace.Ready,
                IsAtTail = !waits,
                IsOwed = job.IsOwed,
                Record = record,
                DueAt = record.DueAt,
                ExpiresAt = record.ExpiresAt,
                Unique = record.UniqueKey is { } key ? new UniqueHold(record.Name, key, UniqueAction.Take, record.UniqueUntil) : null,
            };
    }

    /// <summary>Adds a job that a worker waits for: the same step that <see cref="Add"/> and <see cref="Claim"/> are one after the other. It has its entry in the lane, so that a release finds its place.</summary>
    /// <param name="added">Made by <see cref="Add"/>, to Ready.</param>
    /// <param name="claim">The worker's.</param>
    internal static JobStep AddClaimed(JobStep added, JobClaim claim) => added with { Verb = JobVerb.AddClaimed, To = JobPlace.Running, Claim = claim };

    /// <summary>Hands a ready job to a worker. Does not rewrite the record: the claim beside it says that it runs.</summary>
    internal static JobStep Claim(JobRecord record, JobClaim claim) => new()
    {
        Verb = JobVerb.Claim,
        Id = record.Id,
        From = JobPlace.Ready,
        To = JobPlace.Running,
        StoredBytes = record.Args.Length,
        Claim = claim,
    };

    /// <summary>What a told outcome does to a running job.</summary>
    /// <param name="record">The record as of the claim.</param>
    /// <param name="outcome">Of this claim.</param>
    /// <param name="isCancelRequested">Whether somebody asked to cancel it since.</param>
    /// <param name="context">Clock, chance, the next position and the limits in force.</param>
    internal static JobStep Finish(JobRecord record, AttemptOutcome outcome, bool isCancelRequested, in TransitionContext context)
    {
        var told = Told(record, outcome, context.Worker);
        return outcome.Kind switch
        {
            OutcomeKind.Succeeded => Succeed(told, outcome, context.Now),
            OutcomeKind.Cancelled => Cancel(told, outcome.Token, outcome.Reason ?? told.Reason, context.Now),
            _ when isCancelRequested => Cancel(told, outcome.Token, told.Reason, context.Now),
            OutcomeKind.Unhandled => Park(told, "No worker of this queue handles it.", JobPlace.Running, outcome.Token),
            // A handler that had started and was stopped halfway has had its one start.
            OutcomeKind.Released when outcome.StartedAt is not null && told.EffectiveSettings.EffectiveDelivery == Delivery.AtMostOnce =>
                Fail(told, outcome.Token, "Its silo stopped before its handler ended, and it is delivered at most once.", "Krewe.WorkerLost", context),
            OutcomeKind.Released => Release(told, outcome.Token),
            OutcomeKind.Snoozed => Snooze(told, outcome, context.Now),
            OutcomeKind.Replaced => Replace(told, outcome),
            OutcomeKind.Failed or OutcomeKind.TimedOut or OutcomeKind.Retry => AfterFailure(told, outcome, context),
            _ => ToDue(told with { State = JobState.Scheduled, Reason = "Its worker is of a newer version and told an outcome that its owner does not know." }, JobVerb.Snooze, outcome.Token, context.Now + UnknownOutcomeDelay),
        };
    }

    /// <summary>Moves a due job to the tail of its lane.</summary>
    internal static JobStep Promote(JobRecord record, long position) => ToTail(record with { State = JobState.Queued, DueAt = null }, JobVerb.Promote, JobPlace.Due, position);

    /// <summary>Puts a job aside that nobody alive handles, so that it blocks nobody in its lane.</summary>
    internal static JobStep Park(JobRecord record, string reason, JobPlace from = JobPlace.Ready, string? token = null)
    {
        var parked = record with { State = JobState.Queued, Reason = reason };
        return new JobStep { Verb = JobVerb.Park, Id = record.Id, From = from, Token = token, To = JobPlace.Parked, Record = parked, ParkedName = record.Name, ExpiresAt = record.ExpiresAt };
    }

    internal static JobStep Unpark(JobRecord record, long position) => ToTail(record with { Reason = null }, JobVerb.Unpark, JobPlace.Parked, position);

    /// <summary>Cancels a waiting job (no token) or a running one.</summary>
    internal static JobStep Cancel(JobRecord record, string? token, string? reason, DateTimeOffset now) =>
        Final(record with { State = JobState.Cancelled, FinishedAt = now, DueAt = null, Reason = reason }, JobVerb.Cancel, token is null ? JobPlace.Waiting : JobPlace.Running, token, JobLifetimes.Of(record), now);

    internal static JobStep Expire(JobRecord record, DateTimeOffset now) =>
        Final(record with { State = JobState.Expired, FinishedAt = now, DueAt = null, Reason = "It expired before a worker could start it." }, JobVerb.Expire, JobPlace.Waiting, null, JobLifetimes.Of(record), now);

    /// <summary>Writes a note into a running job's record: progress, or the wish to cancel.</summary>
    internal static JobStep Note(JobRecord record, string token) =>
        new() { Verb = JobVerb.Note, Id = record.Id, From = JobPlace.Running, To = JobPlace.Running, Token = token, Record = record };

    /// <summary>What the death of its silo does to a running job. The delivery counts as lost, whether the handler had started or was about to, unless the silo said before that it was draining.</summary>
    /// <param name="record">The record as of the claim.</param>
    /// <param name="claim">The void claim.</param>
    /// <param name="context">Clock, chance and the limits in force.</param>
    internal static JobStep Rescue(JobRecord record, JobClaim claim, in TransitionContext context)
    {
        var isCharged = record.DrainedToken != claim.Token && record.LostWith?.Contains(claim.Silo) != true; // One death is charged once.
        var lost = record with
        {
            Deliveries = record.Deliveries + 1,
            LostDeliveries = record.LostDeliveries + (isCharged ? 1 : 0),
            LostWith = isCharged ? [.. (record.LostWith ?? []).TakeLast(JobRecord.MaxLosses - 1), claim.Silo] : record.LostWith,
            Worker = claim.WorkerName,
            Token = claim.Token,
        };
        if (record.IsCancelRequested)
        {
            return Cancel(lost, claim.Token, record.Reason, context.Now);
        }

        if (record.EffectiveSettings.EffectiveDelivery == Delivery.AtMostOnce)
        {
            return Fail(lost, claim.Token, "The silo that ran it died, and it is delivered at most once.", "Krewe.WorkerLost", context);
        }

        return isCharged && claim.IsSuspect && lost.LostDeliveries >= context.MaxDeliveries
            ? Fail(lost, claim.Token, $"Its handler's silo died {lost.LostDeliveries} times, at last while it ran as that silo's one suspect.", "Krewe.WorkerLost", context)
            : Release(lost, claim.Token) with { Verb = JobVerb.Rescue };
    }

    /// <summary>Adds a job again that the store has lost while a worker runs it.</summary>
    /// <param name="record">As of the claim, with a new position.</param>
    /// <param name="claim">The worker's.</param>
    internal static JobStep Readd(JobRecord record, JobClaim claim) => new()
    {
        Verb = JobVerb.Readd,
        Id = record.Id,
        From = JobPlace.Nowhere,
        To = JobPlace.Running,
        IsAtTail = true,
        Record = record with { State = JobState.Queued, DueAt = null },
        Claim = claim,
        Unique = record.UniqueKey is { } key ? new UniqueHold(record.Name, key, UniqueAction.Take, record.UniqueUntil) : null,
    };

    /// <summary>Takes a claim back that its worker did not collect: the handler cannot have started, so nothing is charged.</summary>
    internal static JobStep Recall(JobRecord record, JobClaim claim) => Release(record with { Deliveries = record.Deliveries + 1 }, claim.Token);

    /// <summary>Ends a job as the flow ended that took its place.</summary>
    internal static JobStep EndReplaced(JobRecord record, ReplacementEnd end, in TransitionContext context)
    {
        var error = end.Error is null ? null : new JobError(record.FailedAttempts + 1, end.Error.ErrorType, end.Error.Message, null, context.Now, false);
        var reason = end.Error is null ? null : $"The flow '{end.FlowId}' that took its place ended as {end.State}: {end.Error.Message}";
        var done = record with { State = end.State, FinishedAt = context.Now, Result = end.Result, Reason = reason, Errors = error is null ? record.Errors : Appended(record.Errors, error) };
        var ttl = end.State == JobState.Failed ? JobLifetimes.OfFailure(record, context) : JobLifetimes.Of(record);
        return end.State == JobState.Succeeded
            ? Succeeded(done, JobVerb.EndReplaced, JobPlace.Parked, null, context.Now)
            : Final(done, JobVerb.EndReplaced, JobPlace.Parked, null, ttl, context.Now);
    }

    /// <summary>Lets the record of a flow's ended member live for another while, and so long from now at least.</summary>
    internal static JobStep Keep(JobRecord record, JobPlace place, TimeSpan atLeast, in TransitionContext context) => new()
    {
        Verb = JobVerb.Keep,
        Id = record.Id,
        From = place,
        To = place,
        Ttl = (place == JobPlace.Dead ? JobLifetimes.OfFailure(record, context) : JobLifetimes.Of(record)) is var ttl && ttl > atLeast ? ttl : atLeast,
        IsListed = place == JobPlace.Done && !record.IsTombstone,
    };

    /// <summary>Sends a final job round again.</summary>
    /// <param name="record">Its record.</param>
    /// <param name="from">Where it lies.</param>
    /// <param name="position">At the tail.</param>
    /// <param name="now">The owner's clock.</param>
    /// <param name="run">The run of its flow that it is wanted in; null: it is redriven by itself, which leaves a flow's runs alone.</param>
    internal static JobStep Redrive(JobRecord record, JobPlace from, long position, DateTimeOffset now, int? run = null)
    {
        var again = record with
        {
            State = JobState.Queued,
            FailedAttempts = 0,
            LostDeliveries = 0,
            LostWith = null,
            IsCancelRequested = false,
            FinishedAt = null,
            StartedAt = null,
            Result = null,
            Progress = null,
            Reason = null,
            ReplacedBy = null,
            Run = run ?? (record.FlowId is null ? record.Run + 1 : record.Run),
            Redrives = record.Redrives + (run is null && record.FlowId is not null ? 1 : 0),
            ExpiresAt = record.ExpiresAt <= now ? null : record.ExpiresAt,
        };
        return ToTail(again, JobVerb.Redrive, from, position) with
        {
            Unique = record.UniqueKey is { } key ? new UniqueHold(record.Name, key, UniqueAction.Take, record.UniqueUntil) : null,
        };
    }

    /// <summary>Leaves of a final job only what its id needs to deduplicate.</summary>
    internal static JobStep Forget(JobRecord record, JobPlace from) => new()
    {
        Verb = JobVerb.Forget,
        Id = record.Id,
        From = from,
        To = JobPlace.Done,
        Record = Tombstone(record) with { IsResultIgnored = record.IsResultIgnored },
        Ttl = JobLifetimes.OfTombstone(record),
    };

    /// <summary>Makes a dead letter of a record that cannot be read; its bytes stay as they are.</summary>
    internal static JobStep Bury(string id, JobPlace from, string? token, TimeSpan ttl) => new() { Verb = JobVerb.Bury, Id = id, From = from, Token = token, To = JobPlace.Dead, Ttl = ttl };

    private static JobStep Succeed(JobRecord record, AttemptOutcome outcome, DateTimeOffset now) =>
        Succeeded(record with { State = JobState.Succeeded, FinishedAt = now, Result = outcome.Result, Reason = null }, JobVerb.Succeed, JobPlace.Running, outcome.Token, now);

    /// <summary>Where the result is ignored, no more stays than the id needs.</summary>
    private static JobStep Succeeded(JobRecord done, JobVerb verb, JobPlace from, string? token, DateTimeOffset now) => done.EffectiveSettings.EffectiveIgnoreResult
        ? Final(Tombstone(done) with { IsResultIgnored = true }, verb, from, token, JobLifetimes.OfTombstone(done), now) with { IsListed = false }
        : Final(done, verb, from, token, JobLifetimes.Of(done), now);

    private static JobStep AfterFailure(JobRecord record, AttemptOutcome outcome, in TransitionContext context)
    {
        var settings = record.EffectiveSettings;
        var failed = record with { FailedAttempts = record.FailedAttempts + 1, Errors = Appended(record.Errors, outcome.Error) };
        var isRetryable = outcome.Kind switch
        {
            OutcomeKind.Retry => true,
            OutcomeKind.TimedOut => settings.EffectiveRetryOnHardLimit,
            _ => outcome.Error?.IsRetryable ?? true,
        };
        return RetryDecider.AfterFailure(settings, failed.FailedAttempts, isRetryable, outcome.Delay, context.Now, context.Jitter) switch
        {
            RetryAt retry => ToDue(failed with { State = JobState.Retrying, Reason = null }, JobVerb.Retry, outcome.Token, retry.At),
            GiveUp giveUp => Final(
                failed with { State = JobState.Failed, FinishedAt = context.Now, Reason = Words(giveUp.Reason, settings) },
                JobVerb.Fail, JobPlace.Running, outcome.Token, JobLifetimes.OfFailure(record, context), context.Now),
            _ => throw new InvalidOperationException("A retry decision is RetryAt or GiveUp."),
        };
    }

    private static JobStep Fail(JobRecord record, string token, string reason, string type, in TransitionContext context)
    {
        var error = new JobError(record.FailedAttempts + 1, type, reason, null, context.Now, false);
        var dead = record with { State = JobState.Failed, FinishedAt = context.Now, Reason = reason, Errors = Appended(record.Errors, error) };
        return Final(dead, JobVerb.Fail, JobPlace.Running, token, JobLifetimes.OfFailure(record, context), context.Now);
    }

    private static JobStep Snooze(JobRecord record, AttemptOutcome outcome, DateTimeOffset now) =>
        ToDue(record with { State = JobState.Scheduled, Reason = "Its handler snoozed it." }, JobVerb.Snooze, outcome.Token, RetryDecider.Later(now, outcome.Delay ?? TimeSpan.Zero));

    /// <summary>Puts a job aside until the flow that took its place has ended; under a name that no job can have.</summary>
    private static JobStep Replace(JobRecord record, AttemptOutcome outcome)
    {
        var replaced = record with { State = JobState.Waiting, ReplacedBy = outcome.FlowId, ExpiresAt = null, Reason = $"The flow '{outcome.FlowId}' has taken its place." };
        return new JobStep { Verb = JobVerb.Replace, Id = record.Id, From = JobPlace.Running, Token = outcome.Token, To = JobPlace.Parked, Record = replaced, ParkedName = ParkedNames.Replaced };
    }

    private static JobStep Release(JobRecord record, string token) => new()
    {
        Verb = JobVerb.Release,
        Id = record.Id,
        From = JobPlace.Running,
        Token = token,
        To = JobPlace.Ready,
        Record = record with { State = JobState.Queued },
        ExpiresAt = record.ExpiresAt,
    };

    private static JobStep ToTail(JobRecord record, JobVerb verb, JobPlace from, long position) => new()
    {
        Verb = verb,
        Id = record.Id,
        From = from,
        To = JobPlace.Ready,
        IsAtTail = true,
        Record = record with { Position = position },
        ExpiresAt = record.ExpiresAt,
    };

    private static JobStep ToDue(JobRecord record, JobVerb verb, string token, DateTimeOffset at) => new()
    {
        Verb = verb,
        Id = record.Id,
        From = JobPlace.Running,
        Token = token,
        To = JobPlace.Due,
        Record = record with { DueAt = at },
        DueAt = at,
        ExpiresAt = record.ExpiresAt,
    };

    private static JobStep Final(JobRecord record, JobVerb verb, JobPlace from, string? token, TimeSpan ttl, DateTimeOffset now) => new()
    {
        Verb = verb,
        Id = record.Id,
        From = from,
        Token = token,
        To = record.State == JobState.Failed ? JobPlace.Dead : JobPlace.Done,
        Record = record,
        Ttl = ttl,
        IsListed = true,
        Unique = record.UniqueKey is { } key
            ? new UniqueHold(record.Name, key, UniqueAction.Release, record.State == JobState.Failed || record.UniqueUntil <= now ? null : record.UniqueUntil)
            : null,
    };

    /// <summary>The record with what the worker told about its attempt, whatever came of it.</summary>
    private static JobRecord Told(JobRecord record, AttemptOutcome outcome, string? worker) => record with
    {
        Token = outcome.Token,
        Worker = worker ?? record.Worker,
        Deliveries = record.Deliveries + 1,
        StartedAt = outcome.StartedAt ?? record.StartedAt,
        Progress = outcome.Progress ?? record.Progress,
        ChildIds = outcome.ChildIds is null ? record.ChildIds : [.. (record.ChildIds ?? []).Union(outcome.ChildIds).Take(JobRecord.MaxChildIds)],
        Settings = outcome.MergedSettings ?? record.Settings,
        IsMerged = record.IsMerged || outcome.MergedSettings is not null,
        DueAt = null,
    };

    private static JobRecord Tombstone(JobRecord record) => new()
    {
        Id = record.Id,
        Name = record.Name,
        State = record.State,
        Priority = record.Priority,
        Position = record.Position,
        Fingerprint = record.Fingerprint,
        Token = record.Token,
        EnqueuedAt = record.EnqueuedAt,
        FinishedAt = record.FinishedAt,
        HasCallerId = record.HasCallerId,
        UniqueKey = record.UniqueKey,
        UniqueUntil = record.UniqueUntil,
        FlowId = record.FlowId,
        Member = record.Member,
        Run = record.Run,
        IsTombstone = true,
    };

    private static List<JobError> Appended(IReadOnlyList<JobError>? errors, JobError? error)
    {
        List<JobError> kept = [.. errors ?? []];
        if (error is not null)
        {
            kept.Add(error);
        }

        return kept.Count <= JobRecord.MaxErrors ? kept : kept[^JobRecord.MaxErrors..];
    }

    private static string Words(GiveUpReason reason, JobSettings settings) => reason switch
    {
        GiveUpReason.NotRetryable => "Its error is not one to retry.",
        _ => $"Its {settings.EffectiveMaxRetries} retries are spent.",
    };
}
