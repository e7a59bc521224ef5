using System.Reflection;
using Krewe.Definitions;
using Krewe.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Krewe.Execution;

/// <summary>Turns registrations into invokers, or into one exception that names every problem at once.</summary>
internal sealed class HandlerCollector(
    JobRegistrations registrations, IServiceProviderIsService services, IOptions<KreweOptions> options, ArgsCodec codec, ILogger<HandlerCollector> logger)
{
    private readonly List<string> _problems = [];
    private readonly List<JobInvoker> _invokers = [];
    private readonly Dictionary<string, JobDefinition> _byName = new(StringComparer.Ordinal);
    private readonly HashSet<Type> _refusedJobs = [];

    /// <summary>One invoker per job, in order of registration.</summary>
    /// <exception cref="HandlerRegistrationException">Something does not fit.</exception>
    internal IReadOnlyList<JobInvoker> Collect()
    {
        foreach (var (handler, code) in Handlers())
        {
            CollectHandler(handler, code);
        }

        CheckUnhandledJobs();
        _problems.AddRange(QueueChecks.Of(_invokers.Select(invoker => invoker.Definition), options.Value));
        _problems.AddRange(ConfigurationChecks.Of(options.Value));
        return _problems.Count == 0 ? _invokers : throw new HandlerRegistrationException(_problems);
    }

    /// <summary>Each handler class once, however often it was registered, with what <c>AddJob</c> set for it.</summary>
    private Dictionary<Type, JobOptions?> Handlers()
    {
        var handlers = new Dictionary<Type, JobOptions?>();
        foreach (var assembly in registrations.Assemblies.Distinct())
        {
            var found = HandlerScan.Handlers(assembly, logger, out var problem);
            found.ForEach(handler => handlers.TryAdd(handler, null));
            AddProblem(problem);
        }

        foreach (var (handler, code) in registrations.Handlers)
        {
            _problems.AddRange(OptionChecks.OfLevel($"AddJob<{TypeNames.Of(handler)}>: ", code));
            handlers[handler] = handlers.GetValueOrDefault(handler) is { } earlier ? Overlay(earlier, code) : code;
        }

        return handlers;
    }

    private void CollectHandler(Type handler, JobOptions? code)
    {
        var problems = HandlerChecks.OfClass(handler, services);
        _problems.AddRange(problems);
        if (handler.ContainsGenericParameters)
        {
            return;
        }

        foreach (var contract in HandlerContracts.Of(handler))
        {
            if (Define(contract.JobType, code) is { } definition && IsFree(handler, contract, definition) && problems.Count == 0)
            {
                AddInvoker(handler, definition);
            }
        }
    }

    private JobDefinition? Define(Type jobType, JobOptions? code)
    {
        try
        {
            return DefinitionReader.Read(jobType, code);
        }
        catch (InvalidJobException exception)
        {
            AddProblem(_refusedJobs.Add(jobType) ? exception.Message : null);
            return null;
        }
    }

    private bool IsFree(Type handler, HandlerContract contract, JobDefinition definition)
    {
        var problem = HandlerChecks.OfContract(handler, contract, definition) ?? OtherHandler(handler, definition) ?? OtherJob(definition);
        AddProblem(problem);
        return problem is null;
    }

    private string? OtherHandler(Type handler, JobDefinition definition)
    {
        var other = _invokers.Find(invoker => invoker.Definition.JobType == definition.JobType);
        return other is null
            ? null
            : $"The job '{definition.Name}' must have one handler, got {TypeNames.Of(other.Handler)} and {TypeNames.Of(handler)}; remove one of them.";
    }

    private string? OtherJob(JobDefinition definition)
    {
        foreach (var name in definition.Aliases.Prepend(definition.Name))
        {
            if (!_byName.TryAdd(name, definition) && _byName[name].JobType != definition.JobType)
            {
                return $"The job name '{name}' must belong to one type, got {TypeNames.Of(_byName[name].JobType)} and {TypeNames.Of(definition.JobType)}; give one of them another name in [Job] or its Aliases.";
            }
        }

        return null;
    }

    private void AddInvoker(Type handler, JobDefinition definition)
    {
        var factory = ActivatorUtilities.CreateFactory(handler, Type.EmptyTypes);
        try
        {
            _invokers.Add((JobInvoker)(definition.ResultType is { } result
                ? Activator.CreateInstance(typeof(JobInvoker<,>).MakeGenericType(definition.JobType, result), definition, handler, factory, codec)!
                : Activator.CreateInstance(typeof(JobInvoker<>).MakeGenericType(definition.JobType), definition, handler, factory)!));
        }
        catch (TargetInvocationException exception) when (exception.InnerException is InvalidOperationException or NotSupportedException or ArgumentException)
        {
            AddProblem($"{TypeNames.Of(definition.JobType)} must be readable as JSON: {exception.InnerException.Message} Make it a plain record.");
        }
    }

    /// <summary>A record of a scanned assembly whose name another record's handler answers to: its jobs would be run as the other's.</summary>
    private void CheckUnhandledJobs()
    {
        var handled = _byName.Values.Select(definition => definition.JobType).ToHashSet();
        foreach (var jobType in registrations.Assemblies.Distinct().SelectMany(HandlerScan.Jobs).Where(jobType => !handled.Contains(jobType) && !_refusedJobs.Contains(jobType)))
        {
            var name = jobType.GetCustomAttribute<JobAttribute>(inherit: false)!.Name;
            if (name is not null && _byName.TryGetValue(name, out var holder))
            {
                AddProblem($"The job name '{name}' must belong to one type, got {TypeNames.Of(holder.JobType)} and {TypeNames.Of(jobType)}; give one of them another name in [Job] or its Aliases.");
            }
        }
    }

    /// <summary>A second <c>AddJob</c> of a handler adds to the first: what it sets is stronger, what it leaves out stays.</summary>
    private static JobOptions Overlay(JobOptions earlier, JobOptions later)
    {
        var both = new JobOptions();
        foreach (var property in typeof(JobOptions).GetProperties())
        {
            property.SetValue(both, property.GetValue(later) ?? property.GetValue(earlier));
        }

        return both;
    }

    private void AddProblem(string? problem)
    {
        if (problem is not null)
        {
            _problems.Add(problem);
        }
    }
}
