using System.Diagnostics;
using System.Globalization;
using System.Text;
using Krewe.Testing.Processes;

namespace Krewe.Testing.Redis;

/// <summary>One redis-server process, which ends with the process that started it.</summary>
/// <remarks>
/// Three nets: dispose, the exit event of this process, and a shell that waits on a pipe from this process. The pipe closes
/// however this process ends, kill -9 included; the shell then kills the server by its id. A server that was ended in order
/// is told to the shell first, so that it never kills a stranger who got the same id.
/// </remarks>
internal sealed class RedisProcess : IAsyncDisposable
{
    private const int MinMajorVersion = 7;
    private static readonly string[] Names = ["redis-server", "valkey-server"];
    private static readonly string[] Folders = ["/usr/bin", "/usr/local/bin", "/usr/sbin", "/opt/homebrew/bin"];

    private static readonly Lazy<string?> FirstBinary = new(FindBinary);

    private readonly ChildProcess _server;
    private readonly Process _guard;
    private readonly StringBuilder _output = new();

    private RedisProcess(ChildProcess server)
    {
        _server = server;
        server.Read(Keep, Keep);
        _guard = StartGuard(server.Id);
    }

    internal int Id => _server.Id;

    internal bool HasExited => _server.HasExited;

    internal string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>The first server program of version 7 or newer; null when there is none.</summary>
    internal static string? Binary => FirstBinary.Value;

    internal static RedisProcess Start(IEnumerable<string> arguments)
    {
        var binary = Binary ?? throw new InvalidOperationException(RedisServer.MissingReason);
        return new RedisProcess(ChildProcess.Start(new ProcessStartInfo(binary, arguments)));
    }

    internal void Send(Signal signal) => _server.Send(signal);

    internal void Kill() => _server.Kill();

    internal Task WaitForExitAsync(CancellationToken cancellationToken) => _server.Exited.WaitAsync(cancellationToken);

    /// <summary>Ends what has not ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _guard.StandardInput.WriteLineAsync("ended");
        _guard.StandardInput.Close();
        await _guard.WaitForExitAsync();
        _guard.Dispose();
    }

    private static string? FindBinary()
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        var folders = path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Concat(Folders);
        return folders.SelectMany(folder => Names.Select(name => Path.Combine(folder, name))).Where(File.Exists).FirstOrDefault(IsNewEnough);
    }

    /// <summary>Asks a program for its version, which it tells as <c>Redis server v=7.0.15 …</c>.</summary>
    private static bool IsNewEnough(string binary)
    {
        using var process = Process.Start(new ProcessStartInfo(binary, "--version") { RedirectStandardOutput = true, UseShellExecute = false });
        var version = process?.StandardOutput.ReadToEnd().Split("v=").ElementAtOrDefault(1)?.Split('.')[0];
        process?.WaitForExit();
        return int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var major) && major >= MinMajorVersion;
    }

    private static Process StartGuard(int serverId)
    {
        // Ctrl-C reaches it, too: it outlives that, or nobody would be left to guard.
        string[] arguments = ["-c", "trap '' INT TERM; read -r _ || kill -9 \"$1\"", "guard", serverId.ToString(CultureInfo.InvariantCulture)];
        var start = new ProcessStartInfo("/bin/sh", arguments) { RedirectStandardInput = true, UseShellExecute = false };
        return Process.Start(start) ?? throw new InvalidOperationException("/bin/sh did not start.");
    }

    private void Keep(string line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
