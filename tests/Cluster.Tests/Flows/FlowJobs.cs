namespace Krewe.Cluster.Tests.Flows;

/// <summary>Adds a number to its input, or to nothing.</summary>
[Job("flow.add", MaxRetries = 0)]
public sealed record Add(int Number) : IJob<int>;

public sealed class AddHandler : IJobHandler<Add, int>
{
    public Task<int> HandleAsync(Add job, JobContext context, CancellationToken cancellationToken) => Task.FromResult(job.Number + context.Input<int>());
}

/// <summary>Sums an array.</summary>
[Job("flow.sum", MaxRetries = 0)]
public sealed record Sum : IJob<int>, IReceives<int[]>;

public sealed class SumHandler : IJobHandler<Sum, int>
{
    public Task<int> HandleAsync(Sum job, JobContext context, CancellationToken cancellationToken) => Task.FromResult(context.Input<int[]>()!.Sum());
}

/// <summary>Says what its input is, as JSON.</summary>
[Job("flow.tell", MaxRetries = 0)]
public sealed record Tell : IJob<string>;

public sealed class TellHandler : IJobHandler<Tell, string>
{
    public Task<string> HandleAsync(Tell job, JobContext context, CancellationToken cancellationToken) =>
        Task.FromResult(context.HasInput ? context.Input<System.Text.Json.JsonElement>().GetRawText() : "nothing");
}

/// <summary>Fails for good.</summary>
[Job("flow.break", MaxRetries = 0)]
public sealed record Break(string Message) : IJob<int>;

public sealed class BreakHandler : IJobHandler<Break, int>
{
    public Task<int> HandleAsync(Break job, JobContext context, CancellationToken cancellationToken) => throw new InvalidOperationException(job.Message);
}
