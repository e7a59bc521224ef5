using System.Globalization;

namespace Krewe.Silo.Tests.Processes;

// Handlers that do what handlers should not, and innocent ones beside them.

/// <summary>Crashes its process whenever it runs; the first time once all its neighbours run too.</summary>
[Job("hostile.crash", MaxRetries = 0)]
public sealed record Crash(string Ledger, int Neighbours, bool Exits = false) : IJob;

public sealed class CrashHandler(Crowd crowd) : IJobHandler<Crash>
{
    public async Task HandleAsync(Crash job, JobContext context, CancellationToken cancellationToken)
    {
        RunLedger.Note(job.Ledger, isStart: true, context);
        if (!Crowd.HasCrashed(job.Ledger))
        {
            await crowd.ReachedAsync(job.Neighbours, cancellationToken);
            await Crowd.NoteCrashAsync(job.Ledger, cancellationToken);
        }

        if (job.Exits)
        {
            Environment.Exit(1);
        }

        Environment.FailFast("The handler of hostile.crash ends its process.");
    }
}

/// <summary>Runs until its process crashes; once that has happened, ends within a moment.</summary>
[Job("hostile.innocent", MaxRetries = 0)]
public sealed record Innocent(string Ledger) : IJob<string>;

public sealed class InnocentHandler(Crowd crowd) : IJobHandler<Innocent, string>
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(10);

    public async Task<string> HandleAsync(Innocent job, JobContext context, CancellationToken cancellationToken)
    {
        RunLedger.Note(job.Ledger, isStart: true, context);
        crowd.Arrive();
        await Task.Delay(Crowd.HasCrashed(job.Ledger) ? Moment : Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        RunLedger.Note(job.Ledger, isStart: false, context);
        return string.Create(CultureInfo.InvariantCulture, $"attempt {context.Attempt}");
    }
}

/// <summary>The innocent handlers that run in this process.</summary>
public sealed class Crowd : IDisposable
{
    private readonly SemaphoreSlim _arrivals = new(0);

    public static bool HasCrashed(string ledger) => File.Exists($"{ledger}.crashed");

    public static Task NoteCrashAsync(string ledger, CancellationToken cancellationToken) => File.WriteAllTextAsync($"{ledger}.crashed", "", cancellationToken);

    public void Arrive() => _arrivals.Release();

    public void Dispose() => _arrivals.Dispose();

    public async Task ReachedAsync(int count, CancellationToken cancellationToken)
    {
        for (var i = 0; i < count; i++)
        {
            await _arrivals.WaitAsync(cancellationToken);
        }
    }
}

/// <summary>Ignores its token until a file of this name is there; without a name for ever, and then it holds its thread too.</summary>
[Job("hostile.deaf", MaxRetries = 0)]
public sealed record Deaf(string? File = null) : IJob;

public sealed class DeafHandler : IJobHandler<Deaf>
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    public async Task HandleAsync(Deaf job, JobContext context, CancellationToken cancellationToken)
    {
        if (job.File is null)
        {
            using var never = new ManualResetEventSlim();
            never.Wait(CancellationToken.None);
        }

        while (!File.Exists(job.File))
        {
            await Task.Delay(Look, TimeProvider.System, CancellationToken.None);
        }
    }
}

/// <summary>Holds so much memory, every page of it written to, until a file of this name is there.</summary>
[Job("hostile.eat", MaxRetries = 0)]
public sealed record Eat(int Mebibytes, string Until) : IJob<long>;

public sealed class EatHandler : IJobHandler<Eat, long>
{
    private const int Mebibyte = 1024 * 1024;
    private const int PageBytes = 4096;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    public async Task<long> HandleAsync(Eat job, JobContext context, CancellationToken cancellationToken)
    {
        var eaten = new List<byte[]>();
        while (eaten.Count < job.Mebibytes)
        {
            var block = GC.AllocateUninitializedArray<byte>(Mebibyte);
            for (var at = 0; at < block.Length; at += PageBytes)
            {
                block[at] = 1;
            }

            eaten.Add(block);
        }

        context.ReportProgress(eaten.Count, eaten.Count, "full");
        while (!File.Exists(job.Until))
        {
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
        }

        return eaten.Sum(static block => (long)block.Length);
    }
}

/// <summary>Notes its start and its end; fails as often as it is told to.</summary>
[Job("hostile.noted", MaxRetries = 3, RetryDelaySeconds = 0.05, Backoff = Backoff.Fixed, Jitter = Jitter.None)]
public sealed record Noted(string Ledger, int Milliseconds = 0, int Failures = 0, string Padding = "") : IJob<string>;

public sealed class NotedHandler : IJobHandler<Noted, string>
{
    public async Task<string> HandleAsync(Noted job, JobContext context, CancellationToken cancellationToken)
    {
        RunLedger.Note(job.Ledger, isStart: true, context);
        await Task.Delay(TimeSpan.FromMilliseconds(job.Milliseconds), TimeProvider.System, cancellationToken);
        RunLedger.Note(job.Ledger, isStart: false, context);
        return context.Attempt > job.Failures
            ? string.Create(CultureInfo.InvariantCulture, $"attempt {context.Attempt}")
            : throw new InvalidOperationException("It fails, as it was told to.");
    }
}

/// <summary>Notes its start, then its end once a file of this name is there.</summary>
[Job("hostile.noted_until", MaxRetries = 0)]
public sealed record NotedUntil(string Ledger, string File) : IJob<string>;

public sealed class NotedUntilHandler : IJobHandler<NotedUntil, string>
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    public async Task<string> HandleAsync(NotedUntil job, JobContext context, CancellationToken cancellationToken)
    {
        RunLedger.Note(job.Ledger, isStart: true, context);
        while (!File.Exists(job.File))
        {
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
        }

        RunLedger.Note(job.Ledger, isStart: false, context);
        return string.Create(CultureInfo.InvariantCulture, $"attempt {context.Attempt}");
    }
}

/// <summary>Keeps a core busy, and notes it, until a file of this name is there.</summary>
[Job("hostile.spin", MaxRetries = 0)]
public sealed record Spin(string Ledger, string File) : IJob<string>;

public sealed class SpinHandler : IJobHandler<Spin, string>
{
    private const int Turns = 1_000_000;

    public Task<string> HandleAsync(Spin job, JobContext context, CancellationToken cancellationToken)
    {
        RunLedger.Note(job.Ledger, isStart: true, context);
        while (!File.Exists(job.File))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Thread.SpinWait(Turns);
        }

        RunLedger.Note(job.Ledger, isStart: false, context);
        return Task.FromResult(string.Create(CultureInfo.InvariantCulture, $"attempt {context.Attempt}"));
    }
}

/// <summary>Fails with exceptions within exceptions.</summary>
[Job("hostile.nested", MaxRetries = 1, RetryDelaySeconds = 0, Backoff = Backoff.Fixed, Jitter = Jitter.None)]
public sealed record Nested(int Depth) : IJob;

public sealed class NestedHandler : IJobHandler<Nested>
{
    public Task HandleAsync(Nested job, JobContext context, CancellationToken cancellationToken) => throw Fail(job.Depth);

    private static InvalidOperationException Fail(int depth) => new($"At depth {depth}.", depth > 1 ? Fail(depth - 1) : null);
}

/// <summary>Tells the bytes on its process's managed heap once all garbage is gone.</summary>
[Job("hostile.heap")]
public sealed record Heap : IJob<long>;

public sealed class HeapHandler : IJobHandler<Heap, long>
{
    public Task<long> HandleAsync(Heap job, JobContext context, CancellationToken cancellationToken) => Task.FromResult(GC.GetTotalMemory(forceFullCollection: true));
}
