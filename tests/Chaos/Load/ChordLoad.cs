using System.Collections.Concurrent;
using Krewe.Chaos.Check;
using Krewe.Chaos.Jobs;

namespace Krewe.Chaos.Load;

/// <summary>Enqueues chords through the client, so many open at a time, and follows each to its end. An enqueue that threw is repeated under its id until it is acknowledged.</summary>
internal sealed class ChordLoad : IAsyncDisposable
{
    /// <summary>Of one chord in so many the ends are listened to while it runs.</summary>
    private const int FollowedInterval = 4;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>More than any recovery takes on a loaded machine: who sees no chord end for so long sees none any more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly IJobClient _jobs;
    private readonly TimeProvider _time;
    private readonly StreamWriter _ledger;
    private readonly ConcurrentQueue<AwaitedChord> _acknowledged = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private int _enqueued;
    private int _ended;
    private int _repeated;

    internal ChordLoad(IJobClient jobs, ChordSettings settings, int seed, string folder, TimeProvider time)
    {
        (_jobs, _time, Settings, Mix) = (jobs, time, settings, new ChordMix(seed, settings.Members));
        _ledger = new StreamWriter(Path.Combine(folder, "chords.ledger")) { AutoFlush = true };
    }

    internal ChordSettings Settings { get; }

    internal ChordMix Mix { get; }

    /// <summary>Enqueues that threw and were repeated.</summary>
    internal int Repeated => Volatile.Read(ref _repeated);

    /// <summary>The bodies of the chords that were acknowledged.</summary>
    internal IEnumerable<string> Bodies => _acknowledged.Select(chord => chord.BodyId).OfType<string>();

    /// <summary>Starts to enqueue as many chords as <see cref="Settings"/> says.</summary>
    internal void Start()
    {
        var numbers = Enumerable.Range(_enqueued, Settings.Chords);
        (_enqueued, _ended) = (_enqueued + Settings.Chords, 0);
        _running = Parallel.ForEachAsync(numbers, new ParallelOptions { MaxDegreeOfParallelism = Settings.Open, CancellationToken = _stop.Token }, async (number, stop) => await RunAsync(number, stop));
    }

    /// <summary>Waits until so many chords have ended since <see cref="Start"/>.</summary>
    /// <returns>False: none has for 2 minutes.</returns>
    internal async Task<bool> ReachAsync(int ended, CancellationToken cancellationToken)
    {
        var (seen, since) = (0, MachineClock.Now);
        while (Volatile.Read(ref _ended) is var now && now < ended)
        {
            if (_running.IsFaulted)
            {
                await _running; // An enqueue was refused for good.
            }

            (seen, since) = now == seen ? (seen, since) : (now, MachineClock.Now);
            if (MachineClock.Now - since > Patience)
            {
                return false;
            }

            await Task.Delay(LookInterval, _time, cancellationToken);
        }

        return true;
    }

    /// <summary>What became of the chords that were acknowledged since the last time; of those that go on, how they stand.</summary>
    /// <param name="patience">How long what is left of them may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task<IReadOnlyList<FlowAcknowledgement>> SettleAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        await Task.WhenAny(_running, Task.Delay(patience, _time, cancellationToken));
        var chords = _acknowledged.ToList();
        var settled = await Task.WhenAll(chords.Select(chord => chord.SettleAsync(cancellationToken)));
        for (var count = 0; count < chords.Count; count++)
        {
            _acknowledged.TryDequeue(out _);
        }

        return settled;
    }

    /// <summary>What became of the chords that have ended; and how many go on.</summary>
    internal (IReadOnlyList<FlowAcknowledgement> Ended, int Open) SoFar()
    {
        var ended = _acknowledged.Select(chord => chord.Ended).OfType<FlowAcknowledgement>().ToList();
        return (ended, _acknowledged.Count - ended.Count);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _ledger.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(int number, CancellationToken stop)
    {
        FlowHandle<int[]>? handle = null;
        await InsistAsync(async () => handle = await _jobs.EnqueueAsync(Mix.Make(number), new FlowOptions { Id = Mix.IdOf(number) }, stop), () => Note(number), stop);
        var chord = new AwaitedChord(handle!, Mix.ExpectedOf(number), ask => InsistAsync(ask, () => { }, stop));
        Write($"acknowledged\t{handle!.Id}\t{MachineClock.Now.Ticks}\t{handle.IsExisting}");
        _acknowledged.Enqueue(chord);
        try
        {
            await chord.FollowAsync(number % FollowedInterval == 0, state => NoteEnd(handle.Id, state), stop);
        }
        catch (KreweException exception)
        {
            Write($"not followed\t{handle.Id}\t{MachineClock.Now.Ticks}\t{exception.Message.ReplaceLineEndings(" ")}"); // The verdict says what is missing.
        }
    }

    private void Note(int number)
    {
        Interlocked.Increment(ref _repeated);
        Write($"repeated\t{Mix.IdOf(number)}\t{MachineClock.Now.Ticks}");
    }

    private void NoteEnd(string flowId, JobState state)
    {
        Interlocked.Increment(ref _ended);
        Write($"ended\t{flowId}\t{MachineClock.Now.Ticks}\t{state}");
    }

    private async Task InsistAsync(Func<Task> ask, Action failed, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await ask();
                return;
            }
            catch (StoreUnavailableException)
            {
                failed();
                await Task.Delay(RetryInterval, _time, stop);
            }
        }
    }

    private void Write(FormattableString line)
    {
        lock (_ledger)
        {
            _ledger.WriteLine(FormattableString.Invariant(line));
        }
    }
}
