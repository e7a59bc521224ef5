using Krewe.Execution;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;

namespace Krewe.Dispatch;

/// <summary>Claims a new job for a worker that waits, in the step that adds it: one commit from the caller to the handler instead of two (decision 10).</summary>
/// <remarks>
/// <para>A worker that was told that nothing waits has said how many jobs it would take at once (<see cref="ClaimRequest.Spare"/>). A new job that nothing
/// stands before is claimed for it as it is added, and its bell rings while that commit is under way; its call then <em>collects</em>. Delivery stays
/// what it was, the answer to the worker's one call at a time, so nothing can be delivered twice. States of such a claim:</para>
/// <code>
/// (committing) ─▶ uncollected (in OwnedPartition.Arrived) ─collect | offered again─▶ as any claim
///                      ├─recall, or the silo died─▶ Ready at its place, uncharged: it cannot have started
///                      └─cancel─▶ Cancelled
/// </code>
/// <para>Who takes a job out of <see cref="OwnedPartition.Arrived"/> has it alone, without an await between. One that is withdrawn (recall, cancel, rescue) is
/// offered to nobody while its step is on its way. What each crash point leaves:</para>
/// <list type="bullet">
/// <item>before the commit: no job, and the caller was not answered;</item>
/// <item>after it, before it was collected: a claim of a live silo that does not hold it. The next owner has the worker list what it holds, and offers it again under the
/// same token, as with any answer that was lost;</item>
/// <item>the worker's silo dies: the claim is void, by membership.</item>
/// </list>
/// <para>A worker that has no slot left after all says so, or does not call: what it does not collect is taken back, in the latter case after <see cref="CollectWithin"/>, and offered to all.</para>
/// </remarks>
internal sealed class Arrivals(PartitionOwner owner, PartitionFlow flow, WorkerBells bells, Func<Func<Task>, IWakeTimer> newTimer)
{
    /// <summary>Jobs that a worker may have claimed for it by one partition.</summary>
    internal const int MaxSpare = 16;

    /// <summary>After this long a job that its worker did not collect is taken back.</summary>
    internal static readonly TimeSpan CollectWithin = TimeSpan.FromMilliseconds(250);

    private IWakeTimer? _timer;
    private bool _isArmed;

    /// <summary>Claims the new jobs of one call for a worker that waits for as many and handles them all; null: they are added as ever.</summary>
    /// <param name="open">The partition.</param>
    /// <param name="steps">Made by <see cref="JobTransitions.Add"/>; changed to claimed ones in place.</param>
    /// <remarks>A job that is delivered at most once is not claimed before its worker asks: if the silo died before that, it would have failed without having run.</remarks>
    public Arrival? TryClaim(OwnedPartition open, JobStep[] steps)
    {
        if (open.Window.HasMore || open.AddsUnderWay > 0 || !Array.TrueForAll(steps, IsPlain) || bells.WithSpare(steps, open.Epoch) is not { } worker)
        {
            return null;
        }

        var now = owner.Services.Now;
        for (var i = 0; i < steps.Length; i++)
        {
            steps[i] = JobTransitions.AddClaimed(steps[i], owner.Services.NewClaim(steps[i].Record!, worker.Silo, worker.Name, now));
        }

        worker.Spare -= steps.Length;
        var arrival = new Arrival(worker, steps.Max(static step => step.Record!.Priority));
        worker.Arriving = arrival.Settled;
        return arrival;
    }

    /// <summary>Calls the worker, whose call then waits for the commit.</summary>
    public void Call(Arrival arrival) => bells.Call(arrival.Worker, arrival.Priority);

    /// <summary>The step of an arrival is durable.</summary>
    public void Arrived(OwnedPartition open, JobStep step)
    {
        var (record, claim) = (step.Record!, step.Claim!);
        var running = new RunningJob(record, claim) { ArrivedAt = owner.Services.Time.GetTimestamp() };
        open.Running[record.Id] = running;
        open.Arrived.Add(running);
        open.Window.Pass(record);
        flow.Arrived(step);
        Arm();
    }

    /// <summary>Hands a worker what was claimed for it, once what is under way has arrived. What it has no slot for is offered to all.</summary>
    /// <param name="open">The partition.</param>
    /// <param name="worker">Who asks.</param>
    /// <param name="request">Its call.</param>
    /// <param name="claims">Takes what it gets, up to the call's number in all.</param>
    public async ValueTask CollectAsync(OwnedPartition open, WorkerBells.Known worker, ClaimRequest request, List<ClaimedJob> claims)
    {
        if (worker.Arriving is { IsCompleted: false } arriving)
        {
            await arriving;
        }

        if (open.Arrived.Count == 0 || request.Sequence != worker.Sequence)
        {
            return; // Nobody waits for the answer to a call that a later one has overtaken.
        }

        List<RunningJob>? left = null;
        foreach (var running in open.Arrived.Where(running => running.Claim.Silo == request.Silo).ToList())
        {
            if (claims.Count < request.Max)
            {
                open.Arrived.Remove(running);
                running.Sequence = request.Sequence;
                claims.Add(new ClaimedJob(owner.Key, running.Record, running.Claim));
            }
            else
            {
                (left ??= []).Add(running);
            }
        }

        if (left is not null)
        {
            RecallAsync(open, left).Ignore();
        }
    }

    /// <summary>Whether a worker has something to collect, now or soon.</summary>
    public static bool IsAwaited(OwnedPartition open, WorkerBells.Known worker) =>
        worker.Arriving is { IsCompleted: false } || open.Arrived.Exists(running => running.Claim.Silo == worker.Silo);

    /// <summary>Takes back all that is not collected: the owner goes.</summary>
    public Task RecallAllAsync() => owner.Current is { Arrived.Count: > 0 } open ? RecallAsync(open, [.. open.Arrived]) : Task.CompletedTask;

    private static bool IsPlain(JobStep step) => step is { To: JobPlace.Ready, ExpiresAt: null } && step.Record!.EffectiveSettings.EffectiveDelivery != Delivery.AtMostOnce;

    private void Arm()
    {
        if (!_isArmed)
        {
            _isArmed = true;
            (_timer ??= newTimer(RecallLateAsync)).Set(CollectWithin);
        }
    }

    private async Task RecallLateAsync()
    {
        _isArmed = false;
        if (owner.Current is not { Arrived.Count: > 0 } open)
        {
            return;
        }

        var late = open.Arrived.FindAll(running => owner.Services.Time.GetElapsedTime(running.ArrivedAt) >= CollectWithin);
        if (late.Count < open.Arrived.Count)
        {
            Arm();
        }

        if (late.Count > 0)
        {
            await RecallAsync(open, late);
        }
    }

    private async Task RecallAsync(OwnedPartition open, List<RunningJob> late)
    {
        foreach (var running in late)
        {
            open.Withdraw(running);
            bells.HasNoSpare(running.Claim.Silo);
        }

        try
        {
            var steps = late.ConvertAll(static running => JobTransitions.Recall(running.Record, running.Claim));
            var answers = await open.CommitAsync(steps);
            for (var i = 0; i < answers.Length; i++)
            {
                if (answers[i].Result == StepResult.Taken)
                {
                    open.Running.Remove(steps[i].Id);
                    open.Waiting++;
                    flow.Queued(open, steps[i]);
                }
            }

            flow.Ring(open);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or StaleEpochException or StoreRolledBackException)
        {
            Queues.Log.UpkeepFailed(owner.Services.Logger, owner.Key, exception.Message); // The epoch has ended with it; the next one offers them again.
        }
    }

    /// <summary>New jobs on their way to one worker.</summary>
    internal sealed class Arrival(WorkerBells.Known worker, int priority)
    {
        private readonly TaskCompletionSource _settled = new();

        public WorkerBells.Known Worker { get; } = worker;

        /// <summary>The highest of its jobs'.</summary>
        public int Priority { get; } = priority;

        /// <summary>Ends when the commit has, well or not.</summary>
        public Task Settled => _settled.Task;

        public void Settle() => _settled.SetResult();
    }
}
