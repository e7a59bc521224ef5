using System.Collections.Concurrent;
using Krewe.Chaos.Check;
using Krewe.Chaos.Jobs;
using Krewe.Testing.Redis;

namespace Krewe.Chaos.Cluster;

/// <summary>A Redis and as many silos as it was told, each a process. What ends in a silo's place is started again on new ports, as what supervises silos would do.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    /// <summary>More than any start and any declaration of death takes on a loaded machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PauseBeforeStart = TimeSpan.FromMilliseconds(200);

    /// <summary>The strike of a process that ended by itself.</summary>
    internal const string Fell = "ended by itself";

    private readonly SiloSettings _settings;
    private readonly TimeProvider _time;
    private readonly SiloProcess[] _silos;
    private readonly ConcurrentQueue<SiloProcess> _all = new();
    private readonly ConcurrentQueue<Strike> _strikes = new();
    private readonly ConcurrentQueue<string> _fenced = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _supervision;

    private ChaosCluster(RedisServer redis, MembershipProbe membership, SiloSettings settings, int silos, TimeProvider time)
    {
        (Redis, Membership, _settings, _time) = (redis, membership, settings, time);
        _silos = [.. Enumerable.Range(0, silos).Select(_ => Launch(redis.ConnectionString))];
        _supervision = Task.WhenAll(Enumerable.Range(0, silos).Select(SuperviseAsync));
    }

    internal RedisServer Redis { get; }

    internal MembershipProbe Membership { get; }

    internal int Count => _silos.Length;

    /// <summary>What was done to silos.</summary>
    internal IReadOnlyList<Strike> Strikes => [.. _strikes];

    /// <summary>When each process that ended had surely run for the last time.</summary>
    internal IReadOnlyDictionary<int, TimeSpan> Exits => _all.Where(silo => silo.ExitedAt is not null).ToDictionary(silo => silo.Id, silo => silo.ExitedAt!.Value);

    /// <summary>The jobs of the late outcomes that the silos said they dropped, one for each.</summary>
    internal IReadOnlyList<string> Fenced => [.. _fenced];

    /// <summary>Starts silos.</summary>
    internal static async Task<ChaosCluster> StartAsync(RedisServer redis, SiloSettings settings, int silos, TimeProvider time) =>
        new(redis, await MembershipProbe.StartAsync(redis.ConnectionString, time), settings, silos, time);

    /// <summary>The silo that has a place; <paramref name="place"/> counts round.</summary>
    internal SiloProcess At(int place) => Volatile.Read(ref _silos[place % Count]);

    /// <summary>Kills the silos of some places at once.</summary>
    internal void Kill(string fault, params IEnumerable<int> places)
    {
        foreach (var silo in places.Select(At).ToList())
        {
            Strike(fault, silo);
            silo.Kill();
        }
    }

    /// <summary>Notes that something is done to a silo now.</summary>
    internal void Strike(string fault, SiloProcess silo) => _strikes.Enqueue(new(fault, silo.Id, MachineClock.Now) { Silo = Membership.SiloAt(silo.Port) });

    /// <summary>Starts a silo beside those that have a place, with its own way to Redis.</summary>
    internal SiloProcess Join(string redis) => Launch(redis);

    /// <summary>Whether a silo has started a handler.</summary>
    internal bool HasRun(SiloProcess silo) => File.Exists(Path.Combine(_settings.Folder, ExecutionLedger.FileOf(silo.Id)));

    /// <summary>The jobs that a silo runs, by its handlers' account.</summary>
    internal IEnumerable<string> RunningOn(SiloProcess silo) => HasRun(silo)
        ? LedgerReader.ReadFile(Path.Combine(_settings.Folder, ExecutionLedger.FileOf(silo.Id))).Where(execution => execution.End is null).Select(execution => execution.JobId)
        : [];

    /// <summary>Whether a silo has said something.</summary>
    internal static bool HasSaid(SiloProcess silo, string text)
    {
        using var log = new StreamReader(new FileStream(silo.LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return log.ReadToEnd().Contains(text, StringComparison.Ordinal);
    }

    /// <summary>Waits until every place has a silo that serves and is an active member.</summary>
    internal Task WholeAsync(CancellationToken cancellationToken) => UntilAsync(
        "every silo serves and is an active member", () => Enumerable.Range(0, Count).Select(At).All(silo => silo.ExitedAt is null && silo.Serving.IsCompleted && Membership.StatusAt(silo.Port) == SiloStatus.Active), cancellationToken);

    /// <summary>Waits until a silo was declared dead.</summary>
    internal Task DeadAsync(SiloProcess silo, CancellationToken cancellationToken) =>
        UntilAsync($"the silo of process {silo.Id} is declared dead", () => Membership.StatusAt(silo.Port) == SiloStatus.Dead, cancellationToken);

    /// <summary>Waits for a fact.</summary>
    /// <exception cref="ChaosException">It did not come in 2 minutes.</exception>
    internal async Task UntilAsync(string fact, Func<bool> holds, CancellationToken cancellationToken)
    {
        for (var since = MachineClock.Now; !holds(); await Task.Delay(LookInterval, _time, cancellationToken))
        {
            if (MachineClock.Now - since > Patience)
            {
                throw new ChaosException($"Expected within {Patience.TotalSeconds} s that {fact}.");
            }
        }
    }

    /// <summary>Waits until a process has ended by itself.</summary>
    /// <exception cref="ChaosException">It did not in 2 minutes, or with another code.</exception>
    internal async Task LeavesAsync(SiloProcess silo, int exitCode, CancellationToken cancellationToken)
    {
        await UntilAsync($"process {silo.Id} ends by itself", () => silo.Exited.IsCompleted, cancellationToken);
        if (await silo.Exited != exitCode)
        {
            throw new ChaosException($"Expected that process {silo.Id} ends with {exitCode}, got {await silo.Exited}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _supervision;
        await Task.WhenAll(_all.Select(silo => silo.DisposeAsync().AsTask()));
        await Membership.DisposeAsync();
        _stop.Dispose();
    }

    private SiloProcess Launch(string redis)
    {
        var silo = SiloProcess.Start(redis, _settings, _fenced.Enqueue);
        _all.Enqueue(silo);
        return silo;
    }

    private async Task SuperviseAsync(int place)
    {
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, _time, _stop.Token);
        while (await Task.WhenAny(At(place).Exited, At(place).Released, stopped) != stopped)
        {
            NoteFall(At(place));
            await Task.WhenAny(Task.Delay(PauseBeforeStart, _time), stopped);
            if (!_stop.IsCancellationRequested)
            {
                Volatile.Write(ref _silos[place], Launch(Redis.ConnectionString));
            }
        }
    }

    /// <summary>A silo that ended though nobody had done anything to it.</summary>
    private void NoteFall(SiloProcess silo)
    {
        if (silo.ExitedAt is { } at && !_strikes.Any(strike => strike.ProcessId == silo.Id))
        {
            _strikes.Enqueue(new(Fell, silo.Id, at) { Silo = Membership.SiloAt(silo.Port) });
        }
    }
}
