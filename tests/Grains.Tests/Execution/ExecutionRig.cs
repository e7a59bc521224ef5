using System.Reflection;
using System.Text;
using Krewe.Definitions;
using Krewe.Execution;
using Krewe.Hosting;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Krewe.Grains.Tests.Execution;

/// <summary>A runner without a silo: handlers, a scripted one among them, a clock of its own, and no store.</summary>
internal sealed class ExecutionRig : IAsyncDisposable
{
    internal static readonly DateTimeOffset Start = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);

    private readonly ServiceProvider _services;

    internal ExecutionRig(Action<RigSetup>? configure = null)
    {
        var setup = new RigSetup();
        setup.AddJob<ScriptedHandler>();
        configure?.Invoke(setup);
        setup.Services.AddSingleton(Script);
        setup.Services.AddSingleton<TimeProvider>(Time);
        _services = setup.Build();
        Runner = _services.GetRequiredService<JobRunner>();
    }

    internal FakeTimeProvider Time { get; } = new(Start);

    internal Script Script { get; } = new();

    internal JobRunner Runner { get; }

    internal Zombies Zombies => _services.GetRequiredService<Zombies>();

    internal RecordedClients Clients => (RecordedClients)_services.GetRequiredService<IParentedClients>();

    internal FakeFlows Flows => (FakeFlows)_services.GetRequiredService<IFlowDoor>();

    internal JobCatalogue Catalogue => _services.GetRequiredService<JobCatalogue>();

    /// <summary>Runs the scripted handler once.</summary>
    internal Task<AttemptOutcome> RunAsync(Func<JobContext, CancellationToken, Task<object?>> body, JobSettings? settings = null, AttemptControl? control = null)
    {
        Script.Body = body;
        return RunAsync(Claimed("test.scripted", "{}", settings), control);
    }

    internal Task<AttemptOutcome> RunAsync(ClaimedJob job, AttemptControl? control = null) => Soon(Runner.RunAsync(job, control ?? new AttemptControl()));

    internal static ClaimedJob Claimed(string name, string args, JobSettings? settings = null) => Claimed(new JobRecord
    {
        Id = "01j", Name = name, Args = Encoding.UTF8.GetBytes(args), Settings = settings, IsMerged = true, EnqueuedAt = Start.AddMinutes(-1),
    });

    internal static ClaimedJob Claimed(JobRecord record) =>
        new(new PartitionKey("default", 0), record, new JobClaim { Token = "1-00000000000000ff", Silo = "S127.0.0.1:11111:1", ClusterId = "test" });

    /// <summary>The result of a task that must come within a minute of real time.</summary>
    internal static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}

/// <summary>What a rig is made of.</summary>
internal sealed class RigSetup
{
    internal JobRegistrations Registrations { get; } = new();

    internal ServiceCollection Services { get; } = new();

    internal KreweOptions Options { get; } = new();

    internal List<string> LogLines { get; } = [];

    internal void AddJob<THandler>(Action<JobOptions>? configure = null) => AddJob(typeof(THandler), configure);

    internal void AddJob(Type handler, Action<JobOptions>? configure = null)
    {
        var options = new JobOptions();
        configure?.Invoke(options);
        Registrations.Handlers.Add((handler, options));
    }

    internal ServiceProvider Build()
    {
        Services.AddLogging(logging => logging.AddProvider(new LineLogger(LogLines)).SetMinimumLevel(LogLevel.Debug));
        Services.AddSingleton(Registrations);
        Services.AddSingleton<JobCatalogue>();
        Services.AddSingleton<IParentedClients, RecordedClients>().AddSingleton<IFlowDoor, FakeFlows>();
        Services.AddSingleton(Microsoft.Extensions.Options.Options.Create(Options));
        Services.AddJobExecution();
        return Services.BuildServiceProvider(validateScopes: true);
    }
}

/// <summary>The body of the scripted handler.</summary>
internal sealed class Script
{
    internal Func<JobContext, CancellationToken, Task<object?>> Body { get; set; } = (_, _) => Task.FromResult<object?>(null);
}

[Job("test.scripted", Aliases = ["test.scripted_before"])]
internal sealed record Scripted : IJob<object?>;

internal sealed class ScriptedHandler(Script script) : IJobHandler<Scripted, object?>
{
    public Task<object?> HandleAsync(Scripted job, JobContext context, CancellationToken cancellationToken) => script.Body(context, cancellationToken);
}

/// <summary>Remembers for whom clients were made.</summary>
internal sealed class RecordedClients : IParentedClients
{
    internal List<(string JobId, Action<string> OnChild)> Made { get; } = [];

    public IJobClient For(string jobId, Action<string> onChild)
    {
        Made.Add((jobId, onChild));
        return DispatchProxy.Create<IJobClient, UnusedClient>();
    }
}

/// <summary>A client that nobody calls. Public and open, because the proxy derives from it.</summary>
public class UnusedClient : DispatchProxy
{
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw new NotSupportedException();
}

/// <summary>Collects log lines with their scopes, as "level message | scope".</summary>
internal sealed class LineLogger(List<string> lines) : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider? _scopes;

    public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    private sealed class Writer(LineLogger owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => owner._scopes?.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = new StringBuilder($"{logLevel} {category}: {formatter(state, exception)}");
            owner._scopes?.ForEachScope(static (scope, text) => text.Append(" | ").Append(scope), line);
            lock (owner.Lines)
            {
                owner.Lines.Add(line.ToString());
            }
        }
    }

    private List<string> Lines => lines;
}
