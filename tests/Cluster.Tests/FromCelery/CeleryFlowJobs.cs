using System.Text.Json;
using Krewe.Cluster.Tests.Flows;

namespace Krewe.Cluster.Tests.FromCelery;

/// <summary>Gives a number, whatever its input.</summary>
[Job("celery.give", MaxRetries = 0)]
public sealed record Give(int Number) : IJob<int>;

public sealed class GiveHandler : IJobHandler<Give, int>
{
    public Task<int> HandleAsync(Give job, JobContext context, CancellationToken cancellationToken) => Task.FromResult(job.Number);
}

/// <summary>Gives its input.</summary>
[Job("celery.pass", MaxRetries = 0)]
public sealed record Pass : IJob<JsonElement>;

public sealed class PassHandler : IJobHandler<Pass, JsonElement>
{
    public Task<JsonElement> HandleAsync(Pass job, JobContext context, CancellationToken cancellationToken) => Task.FromResult(context.Input<JsonElement>());
}

/// <summary>Adds a number to each of an array.</summary>
[Job("celery.add_to_each", MaxRetries = 0)]
public sealed record AddToEach(int Number) : IJob<int[]>;

public sealed class AddToEachHandler : IJobHandler<AddToEach, int[]>
{
    public Task<int[]> HandleAsync(AddToEach job, JobContext context, CancellationToken cancellationToken) =>
        Task.FromResult<int[]>([.. context.Input<int[]>()!.Select(number => number + job.Number)]);
}

/// <summary>Appends a number to an array of anything.</summary>
[Job("celery.append", MaxRetries = 0)]
public sealed record Append(int Number) : IJob<JsonElement[]>;

public sealed class AppendHandler : IJobHandler<Append, JsonElement[]>
{
    public Task<JsonElement[]> HandleAsync(Append job, JobContext context, CancellationToken cancellationToken) =>
        Task.FromResult<JsonElement[]>([.. context.Input<JsonElement[]>()!, JsonSerializer.SerializeToElement(job.Number)]);
}

/// <summary>Adds a number to its input, or to nothing, by a chain that takes its place.</summary>
[Job("celery.add_replaced", MaxRetries = 0)]
public sealed record AddReplaced(int Number) : IJob<int>;

public sealed class AddReplacedHandler : IJobHandler<AddReplaced, int>
{
    public Task<int> HandleAsync(AddReplaced job, JobContext context, CancellationToken cancellationToken) =>
        throw context.ReplaceWith(Chain.Of(new Give(context.Input<int>())).Then(new Add(job.Number)));
}

/// <summary>Adds a number to each of an array by a group that takes its place.</summary>
[Job("celery.add_to_each_replaced", MaxRetries = 0)]
public sealed record AddToEachReplaced(int Number, IReadOnlyList<int> Numbers) : IJob<int[]>;

public sealed class AddToEachReplacedHandler : IJobHandler<AddToEachReplaced, int[]>
{
    public Task<int[]> HandleAsync(AddToEachReplaced job, JobContext context, CancellationToken cancellationToken) =>
        throw context.ReplaceWith(Group.Of(job.Numbers.Select(number => new Give(number + job.Number))));
}

/// <summary>Fails by a chain that takes its place.</summary>
[Job("celery.break_replaced", MaxRetries = 0)]
public sealed record BreakReplaced(string Message) : IJob<int>;

public sealed class BreakReplacedHandler : IJobHandler<BreakReplaced, int>
{
    public Task<int> HandleAsync(BreakReplaced job, JobContext context, CancellationToken cancellationToken) =>
        throw context.ReplaceWith(Chain.Of(new Give(1)).Then(new Break(job.Message)));
}
