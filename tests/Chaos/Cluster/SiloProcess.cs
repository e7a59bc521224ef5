using System.Diagnostics;
using System.Globalization;
using Krewe.Chaos.Jobs;
using Krewe.Testing.Cluster;
using Krewe.Testing.Processes;

namespace Krewe.Chaos.Cluster;

/// <summary>One silo: the silo program in a process of its own, on ports of its own, with this assembly's handlers. Killed when it is disposed of.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private const string ServingText = "Serving http";
    private const string FencedText = "A late outcome of job ";

    private readonly ChildProcess _process;
    private readonly StreamWriter _log;
    private readonly Action<string> _fenced;
    private readonly TaskCompletionSource _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _exitedAtTicks = -1;

    private SiloProcess(string redis, SiloSettings settings, Action<string> fenced)
    {
        _fenced = fenced;
        Port = FreePorts.Next();
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "Krewe.Silo.dll"), "--redis", redis, "--jobs", typeof(SiloProcess).Assembly.Location, "--urls", "http://127.0.0.1:0",
            "--silo-port", Text(Port), "--gateway-port", Text(FreePorts.Next()), "--queues", $"default={Text(settings.Concurrency)},{ChordJobs.Queue}={Text(settings.ChordSlots)}", "--drain", $"{Text((int)settings.Drain.TotalSeconds)}s",
        ];
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = settings.Folder,
            Environment = { [ExecutionLedger.FolderKey.Replace(":", "__", StringComparison.Ordinal)] = settings.Folder },
        };
        _process = ChildProcess.Start(start);
        LogPath = Path.Combine(settings.Folder, $"silo-{Text(Id)}.log");
        _log = new StreamWriter(LogPath) { AutoFlush = true };
        _process.Read(Take, Take);
        Exited = WatchAsync();
    }

    /// <summary>The id of its process.</summary>
    internal int Id => _process.Id;

    /// <summary>Its silo port, which no other process of this run has.</summary>
    internal int Port { get; }

    /// <summary>The file that holds what it said.</summary>
    internal string LogPath { get; }

    /// <summary>Ends when it serves.</summary>
    internal Task Serving => _serving.Task;

    /// <summary>Ends with its exit code when it has ended.</summary>
    internal Task<int> Exited { get; }

    /// <summary>Ends when it is left to itself.</summary>
    internal Task Released => _released.Task;

    /// <summary>When it surely ran for the last time: just before it was killed, or when its end was seen; null while it runs.</summary>
    internal TimeSpan? ExitedAt => Interlocked.Read(ref _exitedAtTicks) is var ticks and >= 0 ? new(ticks) : null;

    /// <summary>Starts it.</summary>
    /// <param name="redis">Its way to Redis.</param>
    /// <param name="settings">What all silos have in common.</param>
    /// <param name="fenced">Told of the job of each late outcome that it says it dropped.</param>
    internal static SiloProcess Start(string redis, SiloSettings settings, Action<string> fenced) => new(redis, settings, fenced);

    /// <summary>Ends it as a power cut of its process would.</summary>
    internal void Kill()
    {
        NoteExit();
        _process.Kill();
    }

    internal void Send(Signal signal) => _process.Send(signal);

    /// <summary>Nobody starts another one in its place when it ends.</summary>
    internal void Release() => _released.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        NoteExit();
        await _process.DisposeAsync();
        await _log.DisposeAsync();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<int> WatchAsync()
    {
        var exitCode = await _process.Exited;
        NoteExit();
        return exitCode;
    }

    private void NoteExit() => Interlocked.CompareExchange(ref _exitedAtTicks, MachineClock.Now.Ticks, -1);

    private void Take(string line)
    {
        lock (_log)
        {
            _log.WriteLine(line);
        }

        if (line.Contains(ServingText, StringComparison.Ordinal))
        {
            _serving.TrySetResult();
        }
        else if (line.IndexOf(FencedText, StringComparison.Ordinal) is var at and >= 0)
        {
            _fenced(line[(at + FencedText.Length)..].Split(' ')[0]);
        }
    }
}

/// <summary>What all silos of a run have in common.</summary>
/// <param name="Folder">Where they write.</param>
/// <param name="Concurrency">Slots of each for the steady load.</param>
/// <param name="ChordSlots">Slots of each for chords' jobs.</param>
/// <param name="Drain">How long a stopping one lets handlers end.</param>
internal sealed record SiloSettings(string Folder, int Concurrency, int ChordSlots, TimeSpan Drain);
