using System.Collections.Concurrent;
using Krewe.Chaos.Check;
using Krewe.Chaos.Cluster;
using Krewe.Chaos.Faults;
using Krewe.Chaos.Jobs;
using Krewe.Chaos.Load;
using Krewe.Testing.Cluster;
using Krewe.Testing.Redis;

namespace Krewe.Chaos;

/// <summary>A cluster under load to which faults happen, and the verdict on what they did.</summary>
internal sealed class ChaosRun : IAsyncDisposable
{
    /// <summary>More than the longest job and the slowest recovery together.</summary>
    private static readonly TimeSpan SettlePatience = TimeSpan.FromMinutes(2);

    /// <summary>How long the load goes on after the last fault.</summary>
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(3);

    private readonly ChaosSettings _settings;
    private readonly TimeProvider _time;
    private readonly string _folder;
    private readonly RedisServer _redis;
    private readonly ChaosCluster _cluster;
    private readonly ExternalClient _client;
    private readonly SteadyLoad _load;
    private readonly ChordLoad _chords;
    private readonly ConcurrentQueue<TimeSpan> _storeLosses = new();
    private readonly HashSet<(string Token, TimeSpan StartedAt)> _judgedRepeats = [];
    private int _judgedStrikes;
    private int _judgedFenced;

    private ChaosRun(ChaosSettings settings, TimeProvider time, string folder, RedisServer redis, ChaosCluster cluster, ExternalClient client)
    {
        (_settings, _time, _folder, _redis, _cluster, _client) = (settings, time, folder, redis, cluster, client);
        _chords = new ChordLoad(client.Jobs, settings.Chords, settings.Seed, folder, time);
        _load = SteadyLoad.Start(client.Jobs, settings.PerSecond, new WorkMix(settings.Seed, settings.LongestJob), folder, time);
    }

    /// <summary>Enqueues that threw so far.</summary>
    internal Refused Refused => new(_load.Unacknowledged, _chords.Repeated);

    /// <summary>Starts Redis, silos, client and load.</summary>
    /// <param name="settings">How.</param>
    /// <param name="folder">Where ledgers and logs are written.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal static async Task<ChaosRun> StartAsync(ChaosSettings settings, string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        var redis = await RedisServer.StartAsync(new RedisServerOptions { Persistence = settings.Persistence }, cancellationToken);
        ChaosCluster? cluster = null;
        try
        {
            cluster = await ChaosCluster.StartAsync(redis, new SiloSettings(folder, settings.Concurrency, settings.Chords.Slots, settings.Drain), settings.Silos, time);
            await cluster.WholeAsync(cancellationToken);
            return new(settings, time, folder, redis, cluster, await ExternalClient.StartAsync(client => client.UseRedis(redis.ConnectionString)));
        }
        catch
        {
            await (cluster?.DisposeAsync() ?? ValueTask.CompletedTask);
            await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets a fault happen, from its pause until the cluster is whole again.</summary>
    internal async Task InjectAsync(PlannedFault planned, CancellationToken cancellationToken)
    {
        await Task.Delay(planned.Pause, _time, cancellationToken);
        var scene = new Scene(_cluster, _load, planned.Victim, _settings.IsLong, _time) { Chords = _chords, StoreWasKilled = NoteStoreLoss };
        await planned.Fault.InjectAsync(scene, cancellationToken);
    }

    /// <summary>Waits until all that was acknowledged since the last verdict is final, and draws the verdict on it. The load goes on afterwards.</summary>
    internal async Task<Verdict> JudgeAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Afterwards, _time, cancellationToken);
        var acknowledged = await _load.SettleAsync(SettlePatience, cancellationToken);
        var verdict = Draw(acknowledged, await _chords.SettleAsync(SettlePatience, cancellationToken));
        _load.Resume();
        return verdict;
    }

    /// <summary>Draws the verdict on what has ended by now: nobody is asked any more, since what stops a run may have reached silos and Redis, too.</summary>
    /// <param name="faults">Faults that were over.</param>
    internal Verdict JudgeStopped(int faults)
    {
        var (jobs, chords) = (_load.SoFar(), _chords.SoFar());
        return Draw(jobs.Ended, chords.Ended) with { Stopped = new Stop(faults, jobs.Open + chords.Open) };
    }

    /// <summary>Keeps what Redis has written where ledgers and logs are, to see what a promise that did not hold has left there.</summary>
    internal void KeepStore()
    {
        foreach (var path in Directory.EnumerateFiles(_redis.Folder, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(_folder, "redis", Path.GetRelativePath(_redis.Folder, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy, overwrite: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _load.DisposeAsync();
        await _chords.DisposeAsync();
        await _client.DisposeAsync();
        await _cluster.DisposeAsync();
        await _redis.DisposeAsync();
    }

    private Verdict Draw(IReadOnlyList<Acknowledgement> acknowledged, IReadOnlyList<FlowAcknowledgement> chords)
    {
        var (strikes, fenced) = (_cluster.Strikes, _cluster.Fenced);
        var verdict = LedgerCheck.Of(new Evidence
        {
            Acknowledged = acknowledged,
            Executions = LedgerReader.Read(_folder),
            Deaths = _cluster.Membership.Deaths,
            Exits = _cluster.Exits,
            Strikes = [.. strikes.Skip(_judgedStrikes)],
            StoreLosses = [.. _storeLosses],
            Fenced = [.. fenced.Skip(_judgedFenced)],
            Flows = chords,
        });
        (_judgedStrikes, _judgedFenced) = (strikes.Count, fenced.Count);

        // Executions are looked at from the first one on: what was judged before may have been repeated since.
        return verdict with { Repeats = [.. verdict.Repeats.Where(repeat => _judgedRepeats.Add((repeat.Second.Token, repeat.Second.StartedAt)))] };
    }

    private void NoteStoreLoss()
    {
        if (_settings.Persistence != RedisPersistence.Always)
        {
            _storeLosses.Enqueue(MachineClock.Now);
        }
    }
}
