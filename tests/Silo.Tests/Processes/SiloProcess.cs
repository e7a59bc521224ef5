using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Krewe.Testing.Cluster;
using Krewe.Testing.Processes;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

/// <summary>The built program in a process of its own, in a folder of its own; killed when it is disposed of.</summary>
internal sealed partial class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ChildProcess _process;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("krewe-silo-");
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly TaskCompletionSource<Uri> _url = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SiloProcess(string[] args, string? settings = null, SiloSurroundings? surroundings = null)
    {
        if (settings is not null)
        {
            File.WriteAllText(Path.Combine(_folder.FullName, "appsettings.json"), settings);
        }

        var start = Command([Path.Combine(AppContext.BaseDirectory, "Krewe.Silo.dll"), .. args], surroundings ?? new SiloSurroundings());
        start.WorkingDirectory = _folder.FullName;
        _process = ChildProcess.Start(start);
        _process.Read(line => Take(_output, line), line => Take(_error, line));
    }

    private event Action? Printed;

    /// <summary>The assembly that holds the handlers of these tests.</summary>
    public static string Handlers => typeof(SiloProcess).Assembly.Location;

    public int Id => _process.Id;

    /// <summary>What it logged at Error or above.</summary>
    public IReadOnlyList<string> Errors => [.. $"{Output}\n{Error}".Split('\n').Where(line => ErrorLine().IsMatch(line))];

    public string Output => Text(_output);

    public string Error => Text(_error);

    public string Folder => _folder.FullName;

    /// <summary>A port that nobody listens on, as a flag takes it.</summary>
    public static string FreePort() => FreePorts.Next().ToString(CultureInfo.InvariantCulture);

    public static SiloProcess Start(params string[] args) => new(args);

    /// <summary>Starts the program with an <c>appsettings.json</c> in its working directory.</summary>
    public static SiloProcess StartWithSettings(string settings, params string[] args) => new(args, settings);

    /// <summary>Runs the program to its end.</summary>
    public static async Task<(int ExitCode, string Error, string Output)> RunAsync(params string[] args)
    {
        await using var process = new SiloProcess(args);
        return (await process.ExitAsync(), process.Error.TrimEnd(), process.Output);
    }

    /// <summary>Runs the program to its end, with an <c>appsettings.json</c> in its working directory.</summary>
    public static async Task<(int ExitCode, string Error, string Output)> RunWithSettingsAsync(string settings, params string[] args)
    {
        await using var process = new SiloProcess(args, settings);
        return (await process.ExitAsync(), process.Error.TrimEnd(), process.Output);
    }

    /// <summary>Starts a silo on a free port that serves until it is stopped.</summary>
    public static Task<(SiloProcess Process, HttpClient Http)> ServeAsync(params string[] args) => ServeAsync(new SiloSurroundings(), args);

    /// <inheritdoc cref="ServeAsync(string[])"/>
    public static async Task<(SiloProcess Process, HttpClient Http)> ServeAsync(SiloSurroundings surroundings, params string[] args)
    {
        var process = Start(surroundings, args);
        if (await process.ServedAsync() is not { } http)
        {
            var said = $"The silo ended with {await process._process.Exited} before it served: {process.Error} {process.Output}";
            await process.DisposeAsync();
            Assert.Fail(said);
            throw new UnreachableException();
        }

        return (process, http);
    }

    /// <summary>Starts a silo on a free port and waits for nothing.</summary>
    public static SiloProcess Start(SiloSurroundings surroundings, params string[] args) => new(["--urls", "http://127.0.0.1:0", "--jobs", Handlers, .. args], surroundings: surroundings);

    /// <summary>Waits until it serves; null: it ended before.</summary>
    public async Task<HttpClient?> ServedAsync()
    {
        var first = await Task.WhenAny(_url.Task, _process.Exited).WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        return first == _process.Exited ? null : new HttpClient { BaseAddress = await _url.Task };
    }

    public Task<int> ExitAsync() => _process.Exited.WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>Waits until it has printed a text.</summary>
    public async Task SaysAsync(string text)
    {
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Printed += Look;
        Look();
        await said.Task.WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        Printed -= Look;

        void Look()
        {
            if (Output.Contains(text, StringComparison.Ordinal))
            {
                said.TrySetResult();
            }
        }
    }

    public void Send(Signal signal) => _process.Send(signal);

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return _process.Exited;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static ProcessStartInfo Command(string[] args, SiloSurroundings surroundings)
    {
        // The shell becomes the program, and what it ignores the program ignores too.
        var start = surroundings.SurvivesFileSizeLimit ? new ProcessStartInfo("sh", ["-c", "trap '' XFSZ; exec dotnet \"$@\"", "sh", .. args]) : new ProcessStartInfo("dotnet", args);
        start.Environment["Test__Prefix"] = "echo ";
        foreach (var (name, value) in surroundings.Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private void Take(StringBuilder lines, string line)
    {
        lock (lines)
        {
            lines.Append(line).Append('\n');
        }

        if (ServingLine().Match(line) is { Success: true } match)
        {
            _url.TrySetResult(new Uri(match.Groups[1].Value));
        }

        Printed?.Invoke();
    }

    private static string Text(StringBuilder lines)
    {
        lock (lines)
        {
            return lines.ToString();
        }
    }

    [GeneratedRegex(@"^\S+Z (fail|crit) ")]
    private static partial Regex ErrorLine();

    [GeneratedRegex(@"Serving (http://127\.0\.0\.1:\d+)")]
    private static partial Regex ServingLine();
}
