using Krewe.Dispatch;
using Krewe.Execution;
using Krewe.Flows;
using Krewe.Jobs;
using Krewe.Placement;
using Krewe.Storage;
using Orleans.Concurrency;

namespace Krewe.Queues;

/// <summary>The dispatcher of one queue partition: the owner of its lanes, by epoch. A shell: the parts it is made of decide and act.</summary>
/// <remarks>
/// <para>Reentrant: calls interleave at awaits. What holds across them is said at <see cref="PartitionOwner"/>, <see cref="ClaimDesk"/> and <see cref="QueueWindow"/>;
/// correctness never rests on there being one activation, only speed does: a second one raises the epoch and the first is refused by the store.</para>
/// <para>It never parks a call: an empty claim returns at once, and a bell wakes the workers.</para>
/// </remarks>
[GrainType("krewe.queue"), Reentrant, StayingSilosPlacement]
internal sealed class QueueGrain : Grain, IQueueGrain, IDispatchGrain
{
    /// <summary>A partition with work is kept for this long beyond the last ping; pings come every 30 seconds.</summary>
    private static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(5);

    private readonly PartitionOwner _owner;
    private readonly Reassertion _reassertion;
    private readonly EndingBoard _board;
    private readonly WorkerBells _bells;
    private readonly PartitionFlow _flow;
    private readonly Arrivals _arrivals;
    private readonly Intake _intake;
    private readonly ClaimDesk _claims;
    private readonly FinishDesk _finishes;
    private readonly Promoter _promoter;
    private readonly Rescuer _rescuer;
    private readonly Steering _steering;
    private readonly PartitionReads _reads;
    private readonly Purger _purger;
    private readonly MemberDesk _members;
    private readonly OwnerMoves _moves;
    private Task? _upkeep;

    public QueueGrain(IGrainContext context, OwnerServices services, IWorkerBell bell, IClaimJudge judge, IAttemptCanceller canceller, IClaimKeepers keepers, OwnerMoves moves)
    {
        _moves = moves;
        var key = PartitionKey.Parse(context.GrainId.Key.ToString()!);
        _owner = new PartitionOwner(key, services, () => DeactivateOnIdle()) { Read = OnReadAsync, Opened = OnOpenedAsync };
        _reassertion = new Reassertion(key, services, keepers);
        _board = new EndingBoard(services.Time);
        _bells = new WorkerBells(key, bell, services.Time);
        _flow = new PartitionFlow(_owner, _bells, _board);
        _arrivals = new Arrivals(_owner, _flow, _bells, callback => new GrainWakeTimer(this, callback));
        _intake = new Intake(_owner, _flow, _arrivals);
        _members = new MemberDesk(_owner, _flow, _intake);
        _promoter = new Promoter(_owner, _flow, callback => new GrainWakeTimer(this, callback));
        _flow.Armed = _promoter.Arm;
        _claims = new ClaimDesk(_owner, _flow, _bells, _arrivals, new Refiller(_owner), _promoter.UnparkAsync);
        _purger = new Purger(_owner, _flow);
        _finishes = new FinishDesk(_owner, _flow, _purger);
        _rescuer = new Rescuer(_owner, _flow, judge);
        _steering = new Steering(_owner, _flow, canceller);
        _reads = new PartitionReads(_owner, _flow, _board);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _moves.Arrived(GrainContext);
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        try
        {
            await _arrivals.RecallAllAsync();
            await _owner.CloseAsync();
        }
        catch (Exception exception) when (exception is StoreUnavailableException or StaleEpochException or StoreRolledBackException)
        {
            Log.UpkeepFailed(_owner.Services.Logger, _owner.Key, exception.Message); // It stays in the catalogue: the next owner finds what is left.
        }
        finally
        {
            _moves.Gone(GrainContext);
        }
    }

    public Task<AddAnswer[]> AddAsync(NewJob[] jobs) => _intake.AddAsync(jobs);

    public Task<ClaimAnswer> ClaimAsync(ClaimRequest request) => _claims.ClaimAsync(request);

    public Task<OutcomeAnswer[]> FinishAsync(AttemptOutcome[] outcomes) => _finishes.FinishAsync(outcomes);

    public Task ProgressAsync(ProgressNote[] notes) => _finishes.NoteAsync(notes);

    public Task LeaveAsync(string[] ids, string[] tokens) => _finishes.LeaveAsync(ids, tokens);

    public Task<bool> CancelAsync(string id, string? reason) => _steering.CancelAsync(id, reason);

    public Task<bool> RedriveAsync(string id) => _steering.RedriveAsync(id);

    public Task<bool> ForgetAsync(string id) => _steering.ForgetAsync(id);

    public Task<JobInfo?> GetInfoAsync(string id) => _reads.GetInfoAsync(id);

    public Task<JobEnding?> GetEndingAsync(string id) => _reads.GetEndingAsync(id);

    public Task<JobEnding?[]> AwaitAsync(string[] ids, IJobObserver observer) => _reads.AwaitAsync(ids, observer);

    public Task UnawaitAsync(string[] ids, IJobObserver observer)
    {
        Array.ForEach(ids, id => _board.Unsubscribe(id, observer));
        return Task.CompletedTask;
    }

    public Task<MemberAnswer[]> StartMembersAsync(NewJob[] jobs) => _members.StartAsync(jobs);

    public Task<bool> EndReplacedAsync(string id, ReplacementEnd end) => _members.EndReplacedAsync(id, end);

    public Task KeepAsync(string[] ids) => _members.KeepAsync(ids, TimeSpan.Zero);

    public Task KeepForAsync(string[] ids, TimeSpan atLeast) => _members.KeepAsync(ids, atLeast);

    public Task<QueueInfo> GetQueueInfoAsync() => _reads.GetQueueInfoAsync();

    public Task<JobPage> ListAsync(JobQuery query) => _reads.ListAsync(query);

    public async Task PingAsync()
    {
        _upkeep ??= KeepUpAsync();
        await _upkeep;
    }

    private async Task KeepUpAsync()
    {
        try
        {
            await Task.Yield(); // So that _upkeep is set before this can end.
            var open = await _owner.OpenCheckedAsync();
            await _rescuer.RescueAsync(open);
            _steering.Remind(open);
            _bells.Sweep();
            _board.Sweep();
            _purger.Look(open);
            if (open.Waiting > 0 || open.Running.Count > 0 || !_board.IsEmpty)
            {
                DelayDeactivation(KeepFor);
            }
        }
        finally
        {
            _upkeep = null;
        }
    }

    private async Task OnReadAsync(OwnedPartition open, bool hasGoneBack)
    {
        _flow.PartitionCount = (await _owner.Services.Store.ListQueuesAsync()).GetValueOrDefault(_owner.Key.Queue, 1);
        await _reassertion.PutBackAsync(open, hasGoneBack);
    }

    private async Task OnOpenedAsync(OwnedPartition open, PartitionCounts counts)
    {
        _promoter.Reset(counts.NextDueAt, counts.NextExpiryAt);
        await _rescuer.RescueAsync(open);
        await _reads.TellEndedAsync();
        _bells.RingAll(_owner.Services.Silo.ActiveSilos, open.Window.HeadPriority);
        DelayDeactivation(KeepFor);
    }
}
