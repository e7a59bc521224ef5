using System.Diagnostics.CodeAnalysis;

namespace Krewe.Cluster.Tests.Jobs;

[Job("sample.add")]
public sealed record AddNumbers(int X, int Y) : IJob<int>;

public sealed class AddNumbersHandler : IJobHandler<AddNumbers, int>
{
    public Task<int> HandleAsync(AddNumbers job, JobContext context, CancellationToken cancellationToken) => Task.FromResult(job.X + job.Y);
}

public enum Urgency
{
    Usual,
    Rush,
}

public sealed record OrderLine(string Article, int Count, decimal Price);

[Job("sample.describe_order")]
public sealed record DescribeOrder(string OrderId, IReadOnlyList<OrderLine> Lines, Urgency Urgency, DateTimeOffset At, string? Note = null) : IJob<OrderText>;

public sealed record OrderText(string Text, IReadOnlyDictionary<string, decimal> Sums, Urgency Urgency);

public sealed class DescribeOrderHandler : IJobHandler<DescribeOrder, OrderText>
{
    public Task<OrderText> HandleAsync(DescribeOrder job, JobContext context, CancellationToken cancellationToken) => Task.FromResult(new OrderText(
        $"{job.OrderId} at {job.At:O}{job.Note}", job.Lines.ToDictionary(line => line.Article, line => line.Count * line.Price), job.Urgency));
}

[Job("sample.echo")]
public sealed record EchoText(string Text) : IJob<string>;

public sealed class EchoTextHandler : IJobHandler<EchoText, string>
{
    public Task<string> HandleAsync(EchoText job, JobContext context, CancellationToken cancellationToken) => Task.FromResult(job.Text);
}

/// <summary>Fails as often as it is told to, then gives the attempt that succeeded.</summary>
[Job("sample.flaky", MaxRetries = 1, RetryDelaySeconds = 0, Backoff = Backoff.Fixed, Jitter = Jitter.None)]
public sealed record Flaky(int Failures) : IJob<int>;

public sealed class FlakyHandler : IJobHandler<Flaky, int>
{
    public Task<int> HandleAsync(Flaky job, JobContext context, CancellationToken cancellationToken) =>
        context.Attempt <= job.Failures ? throw new InvalidOperationException($"Failure {context.Attempt}.") : Task.FromResult(context.Attempt);
}

[Job("sample.limited", SoftTimeLimitSeconds = 20, TimeLimitSeconds = 40)]
public sealed record Limited : IJob<string>;

public sealed class LimitedHandler : IJobHandler<Limited, string>
{
    public Task<string> HandleAsync(Limited job, JobContext context, CancellationToken cancellationToken) => Task.FromResult($"{context.SoftTimeLimit?.TotalSeconds} {context.TimeLimit?.TotalSeconds}");
}

[Job("sample.silent", IgnoreResult = true)]
public sealed record Silent : IJob<string>;

public sealed class SilentHandler : IJobHandler<Silent, string>
{
    public Task<string> HandleAsync(Silent job, JobContext context, CancellationToken cancellationToken) => Task.FromResult("unheard");
}

/// <summary>A job without a result, in a queue of its attribute.</summary>
[Job("sample.diary", Queue = "low", Priority = 7)]
public sealed record WriteDiary(string Entry) : IJob;

public sealed class WriteDiaryHandler : IJobHandler<WriteDiary>
{
    public Task HandleAsync(WriteDiary job, JobContext context, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Retries only what it names.</summary>
[Job("sample.picky", MaxRetries = 2, RetryDelaySeconds = 0, Backoff = Backoff.Fixed, Jitter = Jitter.None, RetryOn = [typeof(IOException)], DontRetryOn = [typeof(FileNotFoundException)])]
public sealed record Picky(string Kind) : IJob<int>;

public sealed class PickyHandler : IJobHandler<Picky, int>
{
    public Task<int> HandleAsync(Picky job, JobContext context, CancellationToken cancellationToken) => throw (job.Kind switch
    {
        "io" => new IOException("The disk is away."),
        "end" => new EndOfStreamException("The file is too short."),
        "missing" => new FileNotFoundException("There is no file."),
        _ => new InvalidOperationException("Something else."),
    });
}

/// <summary>A result that JSON cannot hold.</summary>
public sealed class Endless
{
    [SuppressMessage("Performance", "CA1822", Justification = "Serializers read instance members.")]
    public Endless Self => this;
}

[Job("sample.broken_result", MaxRetries = 3)]
public sealed record BrokenResult : IJob<Endless>;

public sealed class BrokenResultHandler : IJobHandler<BrokenResult, Endless>
{
    public Task<Endless> HandleAsync(BrokenResult job, JobContext context, CancellationToken cancellationToken) => Task.FromResult(new Endless());
}

[Job("routed.by_name")]
public sealed record Routed : IJob<string>;

public sealed class RoutedHandler : IJobHandler<Routed, string>
{
    public Task<string> HandleAsync(Routed job, JobContext context, CancellationToken cancellationToken) => Task.FromResult(context.Queue);
}
