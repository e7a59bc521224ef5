using System.Text.Json.Serialization.Metadata;
using Krewe.Definitions;
using Microsoft.Extensions.DependencyInjection;

namespace Krewe.Execution;

/// <summary>Everything needed to run the jobs of one type by one handler class. Made once; nothing in it reflects per call.</summary>
internal abstract class JobInvoker(JobDefinition definition, Type handler, ObjectFactory factory)
{
    internal JobDefinition Definition => definition;

    internal Type Handler => handler;

    /// <summary>The handler's full type name; the category of its logger.</summary>
    internal string HandlerName { get; } = handler.FullName ?? handler.Name;

    /// <summary>Makes the handler, its dependencies from the attempt's scope.</summary>
    internal object CreateHandler(IServiceProvider services) => factory(services, null);

    /// <exception cref="InvalidJobException">The args do not fit.</exception>
    internal abstract IJob ReadArgs(string jobName, byte[] args);

    /// <summary>Calls the handler. Null where the handler returned null for a task.</summary>
    internal abstract Task? Handle(object handler, IJob job, JobContext context, CancellationToken cancellationToken);

    /// <summary>The result of a task that ended well, as JSON; null for a job without one.</summary>
    internal abstract byte[]? WriteResult(string jobName, Task ended);
}

/// <summary>For jobs without a result.</summary>
internal sealed class JobInvoker<TJob>(JobDefinition definition, Type handler, ObjectFactory factory) : JobInvoker(definition, handler, factory)
    where TJob : class, IJob
{
    private readonly JsonTypeInfo<TJob> _type = ArgsCodec.Describe<TJob>();

    internal override IJob ReadArgs(string jobName, byte[] args) => ArgsCodec.Read(jobName, args, _type);

    internal override Task? Handle(object handler, IJob job, JobContext context, CancellationToken cancellationToken) =>
        ((IJobHandler<TJob>)handler).HandleAsync((TJob)job, context, cancellationToken);

    internal override byte[]? WriteResult(string jobName, Task ended) => null;
}

/// <summary>For jobs with a result.</summary>
internal sealed class JobInvoker<TJob, TResult>(JobDefinition definition, Type handler, ObjectFactory factory, ArgsCodec codec) : JobInvoker(definition, handler, factory)
    where TJob : class, IJob<TResult>
{
    private readonly JsonTypeInfo<TJob> _type = ArgsCodec.Describe<TJob>();

    internal override IJob ReadArgs(string jobName, byte[] args) => ArgsCodec.Read(jobName, args, _type);

    internal override Task? Handle(object handler, IJob job, JobContext context, CancellationToken cancellationToken) =>
        ((IJobHandler<TJob, TResult>)handler).HandleAsync((TJob)job, context, cancellationToken);

    internal override byte[]? WriteResult(string jobName, Task ended) => codec.Write(jobName, ((Task<TResult>)ended).Result);
}
