using System.Globalization;
using System.Text;
using Krewe.Dispatch;
using Microsoft.Extensions.Configuration;

namespace Krewe.Chaos.Jobs;

/// <summary>What the handlers of one process write down, outside the engine: a line per start and per end, each in one write to a file of this process.</summary>
/// <remarks>
/// <code>
/// start JOB ATTEMPT TOKEN PROCESS SILO TICKS
/// end   JOB ATTEMPT TOKEN PROCESS SILO TICKS Completed|Failed|Stopped
/// </code>
/// separated by tabs; ticks of <see cref="MachineClock"/>. A written line outlives the process; the last one may be cut short.
/// </remarks>
internal sealed class ExecutionLedger : IDisposable
{
    /// <summary>The configuration key of the folder that holds the files.</summary>
    internal const string FolderKey = "Chaos:Ledger";

    internal const string FilePattern = "executions-*.ledger";

    private readonly Lock _lock = new();
    private readonly FileStream _file;
    private readonly HeldClaims _held;
    private readonly TimeProvider _time;
    private readonly string _silo;

    public ExecutionLedger(IConfiguration configuration, HeldClaims held, TimeProvider time, ILocalSiloDetails silo)
    {
        (_held, _time, _silo) = (held, time, silo.SiloAddress.ToParsableString());
        var folder = configuration[FolderKey] ?? throw new InvalidOperationException($"{FolderKey} must name a folder, got none.");
        _file = new FileStream(Path.Combine(folder, FileOf(Environment.ProcessId)), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    /// <summary>The name of the file of one process.</summary>
    internal static string FileOf(int processId) => string.Create(CultureInfo.InvariantCulture, $"executions-{processId}.ledger");

    /// <summary>Notes a start.</summary>
    /// <returns>What <see cref="End"/> needs to note its end.</returns>
    internal string Start(JobContext context)
    {
        // The token is no handler's business, so a context does not tell it.
        var claim = _held.All.FirstOrDefault(claim => claim.Stage == ClaimStage.Running && claim.Job.JobId == context.JobId);
        var execution = string.Create(CultureInfo.InvariantCulture, $"{context.JobId}\t{context.Attempt}\t{claim?.Job.Token ?? "none"}\t{Environment.ProcessId}\t{_silo}");
        Write($"start\t{execution}\t{Now()}\n");
        return execution;
    }

    /// <summary>Notes a start and lets time pass. Where the token fires meanwhile, notes that end.</summary>
    /// <returns>What <see cref="End"/> needs to note its end.</returns>
    internal async Task<string> WorkAsync(JobContext context, int milliseconds, CancellationToken cancellationToken)
    {
        var execution = Start(context);
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), _time, cancellationToken);
            return execution;
        }
        catch (OperationCanceledException)
        {
            End(execution, ExecutionEnd.Stopped);
            throw;
        }
    }

    /// <summary>Notes an end.</summary>
    internal void End(string execution, ExecutionEnd end) => Write($"end\t{execution}\t{Now()}\t{end}\n");

    public void Dispose() => _file.Dispose();

    private static string Now() => MachineClock.Now.Ticks.ToString(CultureInfo.InvariantCulture);

    private void Write(string line)
    {
        lock (_lock)
        {
            _file.Write(Encoding.UTF8.GetBytes(line));
        }
    }
}
