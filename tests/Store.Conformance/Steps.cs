using Krewe.Jobs;
using Krewe.Storage;

namespace Krewe.Store.Conformance;

/// <summary>The steps of a job's life, in the shapes in which the engine makes them.</summary>
internal static class Steps
{
    internal const string Name = "test.job";

    /// <summary>An instant far from today: due times and expiries are the owner's business, a store never compares them with its own clock.</summary>
    internal static readonly DateTimeOffset Noon = new(2031, 5, 6, 12, 0, 0, TimeSpan.Zero);

    internal static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    internal static JobRecord Record(string id, long position = 1, int lane = 0) => new()
    {
        Id = id, Name = Name, Args = "{}"u8.ToArray(), State = JobState.Queued, Priority = lane, Position = position, Fingerprint = 0xFEDC_BA98_7654_3210, EnqueuedAt = Noon,
    };

    internal static JobClaim ClaimOf(string token) => new()
    {
        Token = token, Silo = "S127.0.0.1:11111:42", ClusterId = "test", MembershipVersion = 7, ClaimedAt = Noon, WorkerName = "worker", IsSuspect = true,
    };

    internal static JobStep Add(JobRecord record) => new()
    {
        Verb = JobVerb.Add, Id = record.Id, From = JobPlace.Nowhere, To = JobPlace.Ready, Record = record, IsAtTail = true, ExpiresAt = record.ExpiresAt,
    };

    internal static JobStep AddClaimed(JobRecord record, string token) => Add(record) with { Verb = JobVerb.AddClaimed, To = JobPlace.Running, Claim = ClaimOf(token) };

    internal static JobStep AddDue(JobRecord record, DateTimeOffset dueAt) => new()
    {
        Verb = JobVerb.Add, Id = record.Id, From = JobPlace.Nowhere, To = JobPlace.Due, Record = record with { State = JobState.Scheduled }, DueAt = dueAt, ExpiresAt = record.ExpiresAt,
    };

    internal static JobStep Claim(string id, string token) => new()
    {
        Verb = JobVerb.Claim, Id = id, From = JobPlace.Ready, To = JobPlace.Running, Claim = ClaimOf(token),
    };

    /// <summary>Succeed, Cancel or Expire: listed, with a time to live.</summary>
    internal static JobStep Finish(JobVerb verb, JobPlace from, JobRecord record, string? token, TimeSpan? ttl) => new()
    {
        Verb = verb, Id = record.Id, From = from, To = JobPlace.Done, Token = token, Ttl = ttl, IsListed = true,
        Record = record with { State = verb switch { JobVerb.Succeed => JobState.Succeeded, JobVerb.Cancel => JobState.Cancelled, _ => JobState.Expired } },
    };

    internal static JobStep Succeed(JobRecord record, string token) => Finish(JobVerb.Succeed, JobPlace.Running, record, token, Hour);

    internal static JobStep Fail(JobRecord record, string token) => new()
    {
        Verb = JobVerb.Fail, Id = record.Id, From = JobPlace.Running, To = JobPlace.Dead, Token = token, Ttl = Hour, Record = record with { State = JobState.Failed },
    };

    /// <summary>Retry or Snooze into the due set.</summary>
    internal static JobStep Retry(JobVerb verb, JobRecord record, string token, DateTimeOffset dueAt) => new()
    {
        Verb = verb, Id = record.Id, From = JobPlace.Running, To = JobPlace.Due, Token = token, DueAt = dueAt, ExpiresAt = record.ExpiresAt, Record = record with { State = JobState.Retrying },
    };

    /// <summary>Promote, Unpark, Redrive or a retry without delay: to the tail of the lane.</summary>
    internal static JobStep ToTail(JobVerb verb, JobPlace from, JobRecord record, string? token = null) => new()
    {
        Verb = verb, Id = record.Id, From = from, To = JobPlace.Ready, Token = token, Record = record, IsAtTail = true, ExpiresAt = record.ExpiresAt,
    };

    internal static JobStep Park(JobPlace from, JobRecord record, string? token = null) => new()
    {
        Verb = JobVerb.Park, Id = record.Id, From = from, To = JobPlace.Parked, Token = token, Record = record, ParkedName = record.Name, ExpiresAt = record.ExpiresAt,
    };

    internal static JobStep Release(string id, string token) => new()
    {
        Verb = JobVerb.Release, Id = id, From = JobPlace.Running, To = JobPlace.Ready, Token = token,
    };

    internal static JobStep Rescue(JobRecord record, string token) => new()
    {
        Verb = JobVerb.Rescue, Id = record.Id, From = JobPlace.Running, To = JobPlace.Ready, Token = token, Record = record with { LostDeliveries = record.LostDeliveries + 1 },
    };

    internal static JobStep Forget(JobRecord record) => new()
    {
        Verb = JobVerb.Forget, Id = record.Id, From = JobPlace.Final, To = JobPlace.Done, Ttl = Hour,
        Record = new JobRecord { Id = record.Id, Name = record.Name, State = JobState.Succeeded, Fingerprint = record.Fingerprint, IsTombstone = true },
    };

    internal static JobStep Note(JobRecord record, string token) => new()
    {
        Verb = JobVerb.Note, Id = record.Id, From = JobPlace.Running, To = JobPlace.Running, Token = token, Record = record with { IsCancelRequested = true },
    };

    /// <summary>A note into a ready job's record, which stays where it lies.</summary>
    internal static JobStep Clear(JobRecord record) => new()
    {
        Verb = JobVerb.Note, Id = record.Id, From = JobPlace.Ready, To = JobPlace.Ready, Record = record with { LostDeliveries = 0 }, ExpiresAt = record.ExpiresAt,
    };

    internal static JobStep Bury(string id) => new()
    {
        Verb = JobVerb.Bury, Id = id, From = JobPlace.Waiting | JobPlace.Running, To = JobPlace.Dead, Ttl = Hour,
    };
}
