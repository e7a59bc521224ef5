using Krewe.Jobs;
using Krewe.Storage;

namespace Krewe.Store.Conformance;

/// <summary>Every verb's step in every shape, to be tried from every place.</summary>
internal static class Shapes
{
    private const JobPlace Running = JobPlace.Running;

    /// <summary>Makes a step for a job from its record (with the position that a new entry would take) and the token it is told.</summary>
    internal static IReadOnlyDictionary<string, Func<JobRecord, string, DateTimeOffset, JobStep>> All { get; } = new Dictionary<string, Func<JobRecord, string, DateTimeOffset, JobStep>>
    {
        ["add"] = (record, _, _) => Steps.Add(record),
        ["add that expires"] = (record, _, at) => Steps.Add(record with { ExpiresAt = at }),
        ["add due"] = (record, _, at) => Steps.AddDue(record, at),
        ["add claimed"] = (record, token, _) => Steps.AddClaimed(record, token),
        ["add of one that had expired"] = (record, _, _) => Steps.Finish(JobVerb.Add, JobPlace.Nowhere, record, null, Steps.Hour),
        ["claim"] = (record, token, _) => Steps.Claim(record.Id, token),
        ["claim with record"] = (record, token, _) => Steps.Claim(record.Id, token) with { Record = record with { IsMerged = true } },
        ["succeed"] = (record, token, _) => Steps.Succeed(record, token),
        ["succeed unlisted"] = (record, token, _) => Steps.Succeed(record with { IsTombstone = true }, token) with { IsListed = false },
        ["fail"] = (record, token, _) => Steps.Fail(record, token),
        ["cancel waiting"] = (record, _, _) => Steps.Finish(JobVerb.Cancel, JobPlace.Waiting, record, null, Steps.Hour),
        ["cancel running"] = (record, token, _) => Steps.Finish(JobVerb.Cancel, Running, record, token, Steps.Hour),
        ["expire"] = (record, _, _) => Steps.Finish(JobVerb.Expire, JobPlace.Waiting, record, null, null),
        ["retry"] = (record, token, at) => Steps.Retry(JobVerb.Retry, record, token, at),
        ["retry at once"] = (record, token, _) => Steps.ToTail(JobVerb.Retry, Running, record, token),
        ["snooze that expires"] = (record, token, at) => Steps.Retry(JobVerb.Snooze, record with { ExpiresAt = at.AddHours(1) }, token, at),
        ["promote"] = (record, _, _) => Steps.ToTail(JobVerb.Promote, JobPlace.Due, record),
        ["promote that expires"] = (record, _, at) => Steps.ToTail(JobVerb.Promote, JobPlace.Due, record with { ExpiresAt = at }),
        ["park"] = (record, _, _) => Steps.Park(JobPlace.Ready, record),
        ["park running"] = (record, token, at) => Steps.Park(Running, record with { Name = "other.job", ExpiresAt = at }, token),
        ["unpark"] = (record, _, _) => Steps.ToTail(JobVerb.Unpark, JobPlace.Parked, record),
        ["release"] = (record, token, _) => Steps.Release(record.Id, token),
        ["release that expires"] = (record, token, at) => Steps.Release(record.Id, token) with { ExpiresAt = at },
        ["rescue"] = (record, token, _) => Steps.Rescue(record, token),
        ["rescue of cancelled"] = (record, token, _) => Steps.Finish(JobVerb.Cancel, Running, record, token, null),
        ["redrive"] = (record, _, _) => Steps.ToTail(JobVerb.Redrive, JobPlace.Final, record),
        ["forget"] = (record, _, _) => Steps.Forget(record),
        ["note"] = (record, token, _) => Steps.Note(record, token),
        ["clear"] = (record, _, _) => Steps.Clear(record),
        ["clear of one that expires"] = (record, _, at) => Steps.Clear(record with { ExpiresAt = at }),
        ["bury"] = (record, _, _) => Steps.Bury(record.Id),
        ["bury running"] = (record, token, _) => Steps.Bury(record.Id) with { From = Running, Token = token },
    };

    /// <summary>Ways to bring a fresh job to each place, by its token "held" where it is claimed.</summary>
    internal static IReadOnlyDictionary<string, Func<JobRecord, DateTimeOffset, JobStep[]>> Places { get; } = new Dictionary<string, Func<JobRecord, DateTimeOffset, JobStep[]>>
    {
        ["nowhere"] = (_, _) => [],
        ["ready"] = (record, _) => [Steps.Add(record)],
        ["ready that expires"] = (record, at) => [Steps.Add(record with { ExpiresAt = at })],
        ["due"] = (record, at) => [Steps.AddDue(record, at)],
        ["due that expires"] = (record, at) => [Steps.AddDue(record with { ExpiresAt = at.AddHours(2) }, at)],
        ["parked"] = (record, _) => [Steps.Add(record), Steps.Park(JobPlace.Ready, record)],
        ["parked that expires"] = (record, at) => [Steps.Add(record), Steps.Park(JobPlace.Ready, record with { ExpiresAt = at })],
        ["running"] = (record, _) => [Steps.Add(record), Steps.Claim(record.Id, "held")],
        ["running from the start"] = (record, _) => [Steps.AddClaimed(record, "held")],
        ["running that could expire"] = (record, at) => [Steps.Add(record with { ExpiresAt = at }), Steps.Claim(record.Id, "held")],
        ["dead"] = (record, _) => [Steps.Add(record), Steps.Claim(record.Id, "held"), Steps.Fail(record, "held")],
        ["dead by burial"] = (record, _) => [Steps.Add(record), Steps.Bury(record.Id)],
        ["done"] = (record, _) => [Steps.Add(record), Steps.Claim(record.Id, "held"), Steps.Succeed(record, "held")],
        ["done unlisted"] = (record, _) => [Steps.Add(record), Steps.Claim(record.Id, "held"), Steps.Succeed(record, "held") with { IsListed = false }],
        ["forgotten"] = (record, _) => [Steps.Add(record), Steps.Claim(record.Id, "held"), Steps.Succeed(record, "held"), Steps.Forget(record)],
    };
}
