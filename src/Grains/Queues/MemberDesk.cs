using Krewe.Flows;
using Krewe.Jobs;
using Krewe.Storage;

namespace Krewe.Queues;

/// <summary>Starts and ends jobs for flows. Every step may be asked for twice and is taken once: a job is added under its fixed id, redriven only below the run it is wanted in, ended only where it waits.</summary>
internal sealed class MemberDesk(PartitionOwner owner, PartitionFlow flow, Intake intake)
{
    /// <inheritdoc cref="Dispatch.IDispatchGrain.StartMembersAsync"/>
    public async Task<MemberAnswer[]> StartAsync(NewJob[] jobs)
    {
        var answers = new MemberAnswer[jobs.Length];
        var there = Enumerable.Range(0, jobs.Length).Where(i => IsThere(jobs[i])).ToList();
        int[] news = [.. Enumerable.Range(0, jobs.Length).Where(i => !IsThere(jobs[i]))];
        var added = news.Length == 0 ? [] : await intake.AddAsync(Array.ConvertAll(news, i => jobs[i]));
        for (var i = 0; i < news.Length; i++)
        {
            answers[news[i]] = added[i].Result == AddResult.QueueFull ? MemberAnswer.QueueFull : MemberAnswer.Started;
            if (added[i].Result is AddResult.Existing or AddResult.Conflict)
            {
                there.Add(news[i]);
            }
        }

        if (there.Count > 0)
        {
            await StartAgainAsync(jobs, there, answers);
        }

        return answers;
    }

    /// <inheritdoc cref="Dispatch.IDispatchGrain.EndReplacedAsync"/>
    public async Task<bool> EndReplacedAsync(string id, ReplacementEnd end)
    {
        var open = await owner.OpenAsync();
        var found = (await owner.Services.Store.FindAsync(owner.Key, [id]))[0];
        if (found is not { Place: JobPlace.Parked, Record: { } record } || record.ReplacedBy != end.FlowId)
        {
            return found is null || (found.Place & JobPlace.Final) != 0;
        }

        var step = JobTransitions.EndReplaced(record, end, owner.Services.Transition());
        if ((await open.CommitAsync(step)).Result == StepResult.Taken)
        {
            open.Left(JobPlace.Parked, ParkedNames.Replaced);
            flow.Ended(open, step);
            flow.TellWaiters();
        }

        return true;
    }

    /// <inheritdoc cref="Dispatch.IDispatchGrain.KeepForAsync"/>
    public async Task KeepAsync(string[] ids, TimeSpan atLeast)
    {
        var open = await owner.OpenAsync();
        var found = await owner.Services.Store.FindAsync(owner.Key, ids);
        var steps = found.Where(static job => job is { Record.FlowId: not null } && (job.Place & JobPlace.Final) != 0)
            .Select(job => JobTransitions.Keep(job!.Record!, job.Place, atLeast, owner.Services.Transition())).ToList();
        if (steps.Count > 0)
        {
            await open.CommitAsync(steps);
        }
    }

    /// <summary>Jobs that are there already: redrives those that ended in an earlier run.</summary>
    private async Task StartAgainAsync(NewJob[] jobs, List<int> there, MemberAnswer[] answers)
    {
        var open = await owner.OpenAsync();
        var found = await owner.Services.Store.FindAsync(owner.Key, [.. there.Select(i => jobs[i].Id)]);
        for (var i = 0; i < found.Length; i++)
        {
            var (job, at) = (jobs[there[i]], there[i]);
            if (found[i] is not { Record: { } record } || record.FlowId != job.FlowId)
            {
                answers[at] = found[i] is null ? MemberAnswer.Gone : MemberAnswer.Conflict;
                continue;
            }

            if ((found[i]!.Place & JobPlace.Final) == 0)
            {
                continue;
            }

            if (record.Run >= job.Run)
            {
                owner.Services.Flows.Post(record.FlowId!, new MemberEnd(record.Member, record.State, record.Run)); // The flow has not heard of it.
                continue;
            }

            if (record.IsTombstone && IsThere(job))
            {
                answers[at] = MemberAnswer.Gone;
                continue;
            }

            await RedriveAsync(open, record, found[i]!.Place, job);
        }

        flow.Ring(open);
    }

    /// <summary>Whether the flow knows that the job was enqueued before, and has nothing to enqueue it with.</summary>
    private static bool IsThere(NewJob job) => job.Args.Length == 0;

    private async Task RedriveAsync(OwnedPartition open, JobRecord record, JobPlace place, NewJob job)
    {
        var (position, now) = (open.NextPosition(), owner.Services.Now);

        // A tombstone has forgotten what the job was; its flow has not.
        var whole = record.IsTombstone ? JobTransitions.Add(job, position, now).Record! with { Deliveries = record.Deliveries } : record;
        var step = JobTransitions.Redrive(whole with { HasInput = job.HasInput }, place, position, now, job.Run);
        if ((await open.CommitAsync(step)).Result == StepResult.Taken)
        {
            flow.Redriven(open, step);
        }
    }
}
