using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Krewe.Silo.Tests.Processes;

// This assembly is itself the handler assembly that the silo processes of these tests load, with copies of all of Krewe beside it.

[Job("test.echo")]
public sealed record Echo(string Text) : IJob<string>;

public sealed class EchoHandler(EchoPrefix prefix) : IJobHandler<Echo, string>
{
    public Task<string> HandleAsync(Echo job, JobContext context, CancellationToken cancellationToken) => Task.FromResult($"{prefix.Text}{job.Text}");
}

[Job("test.wait", MaxRetries = 0)]
public sealed record Wait : IJob;

public sealed class WaitHandler : IJobHandler<Wait>
{
    public Task HandleAsync(Wait job, JobContext context, CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
}

/// <summary>Runs until a file of this name is there.</summary>
[Job("test.until", MaxRetries = 0)]
public sealed record Until(string File) : IJob<string>;

public sealed class UntilHandler : IJobHandler<Until, string>
{
    public async Task<string> HandleAsync(Until job, JobContext context, CancellationToken cancellationToken)
    {
        while (!File.Exists(job.File))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }

        return "there";
    }
}

/// <summary>Holds its thread, as a synchronous driver does, until a job of <see cref="Unblock"/> runs in the same process.</summary>
[Job("test.block", MaxRetries = 0)]
public sealed record Block : IJob;

public sealed class BlockHandler(Blockade blockade) : IJobHandler<Block>
{
    public Task HandleAsync(Block job, JobContext context, CancellationToken cancellationToken)
    {
        blockade.Gate.Wait(cancellationToken);
        return Task.CompletedTask;
    }
}

[Job("test.unblock", Priority = 9)]
public sealed record Unblock : IJob;

public sealed class UnblockHandler(Blockade blockade) : IJobHandler<Unblock>
{
    public Task HandleAsync(Unblock job, JobContext context, CancellationToken cancellationToken)
    {
        blockade.Gate.Set();
        return Task.CompletedTask;
    }
}

public sealed class Blockade : IDisposable
{
    public ManualResetEventSlim Gate { get; } = new();

    public void Dispose() => Gate.Dispose();
}

/// <summary>Holds its slot in the first process that runs it, and ends at once in the next.</summary>
[Job("test.hold_first", MaxRetries = 0)]
public sealed record HoldFirst(string File) : IJob<string>;

public sealed class HoldFirstHandler : IJobHandler<HoldFirst, string>
{
    public async Task<string> HandleAsync(HoldFirst job, JobContext context, CancellationToken cancellationToken)
    {
        if (!File.Exists(job.File))
        {
            await File.WriteAllTextAsync(job.File, "", cancellationToken);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        return $"attempt {context.Attempt}";
    }
}

/// <summary>Says how long it waited for its handler, by the clock that all processes of a machine share. Not retried: whatever fails is seen.</summary>
[Job("test.timed", MaxRetries = 0)]
public sealed record Timed(DateTimeOffset CalledAt, TimeSpan Hold) : IJob<Timing>;

public sealed record Timing(int Attempt, TimeSpan Wait, int Process);

public sealed class TimedHandler : IJobHandler<Timed, Timing>
{
    public async Task<Timing> HandleAsync(Timed job, JobContext context, CancellationToken cancellationToken)
    {
        var wait = TimeProvider.System.GetUtcNow() - job.CalledAt;
        if (job.Hold > TimeSpan.Zero)
        {
            await Task.Delay(job.Hold, TimeProvider.System, cancellationToken);
        }

        return new Timing(context.Attempt, wait, Environment.ProcessId);
    }
}

public sealed record EchoPrefix(string Text);

public sealed class EchoServices : IJobServices
{
    public void Configure(IServiceCollection services, IConfiguration configuration) => services.AddSingleton(new EchoPrefix(configuration["Test:Prefix"] ?? "")).AddSingleton<Blockade>().AddSingleton<Crowd>();
}

/// <summary>Writes down that it ran.</summary>
[Job("test.note", MaxRetries = 3)]
public sealed record NoteRun(string Ledger) : IJob;

public sealed class NoteRunHandler : IJobHandler<NoteRun>
{
    public Task HandleAsync(NoteRun job, JobContext context, CancellationToken cancellationToken)
    {
        RunLedger.Note(job.Ledger, isStart: true, context);
        return Task.CompletedTask;
    }
}
