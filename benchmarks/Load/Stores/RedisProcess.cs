using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;

namespace Krewe.Load.Stores;

/// <summary>A redis-server on a free loopback port: append-only file synced every second, no snapshots. It ends, by its id, with this program.</summary>
internal sealed class RedisProcess : IDisposable
{
    private const int StartTries = 5;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly WorkFolder _folder;

    private RedisProcess(Process process, WorkFolder folder, string address)
    {
        (_process, _folder, Address) = (process, folder, address);
        process.OutputDataReceived += static (_, _) => { }; // Read and dropped: its log is a file, and our own output holds nothing but figures.
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += KillAtExit;
    }

    internal string Address { get; }

    internal static async Task<RedisProcess> StartAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var server = Launch(SiloPorts.FreePort());
            if (await server.AnswersAsync(time, cancellationToken))
            {
                return server;
            }

            var log = server.ReadLog();
            server.Dispose();
            if (attempt == StartTries)
            {
                throw new InvalidOperationException($"redis-server must start on a free port, got {StartTries} failures; its log says: {log}");
            }
        }
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }

    private static RedisProcess Launch(int port)
    {
        var folder = new WorkFolder();
        string[] arguments =
        [
            "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", folder.Path, "--logfile", folder.File("redis.log"),
            "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
        ];
        var start = new ProcessStartInfo("redis-server", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        try
        {
            return new(Process.Start(start)!, folder, string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    private async Task<bool> AnswersAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (!_process.HasExited && time.GetElapsedTime(started) < StartTimeout)
        {
            try
            {
                await using var connection = await ConnectionMultiplexer.ConnectAsync(Address);
                return true;
            }
            catch (RedisConnectionException)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }

        return false;
    }

    private string ReadLog() => File.Exists(_folder.File("redis.log")) ? File.ReadAllText(_folder.File("redis.log")) : "nothing";

    private void KillAtExit(object? sender, EventArgs e) => Kill();

    private void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }
}
