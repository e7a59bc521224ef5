using System.Reflection;
using Krewe.Definitions;
using Microsoft.Extensions.DependencyInjection;

namespace Krewe.Execution;

/// <summary>What is wrong with one handler class, as sentences. Builds nothing.</summary>
internal static class HandlerChecks
{
    /// <summary>What is wrong with the class itself; where there is anything, its jobs are not looked at.</summary>
    internal static IReadOnlyList<string> OfClass(Type handler, IServiceProviderIsService services)
    {
        var name = TypeNames.Of(handler);
        if (handler.ContainsGenericParameters)
        {
            return [$"The handler {name} must be a closed type, got an open generic one; derive a class from it that names the type arguments, or register it with AddJob<{handler.Name.Split('`')[0]}<…>>()."];
        }

        if (handler.IsAbstract || !handler.IsClass)
        {
            return [$"The handler {name} must be a class that can be made, got {(handler.IsInterface ? "an interface" : "an abstract class")}; register the class that implements it."];
        }

        return HandlerContracts.Of(handler).Count == 0
            ? [$"{name} must implement IJobHandler<TJob> or IJobHandler<TJob, TResult>, got neither; implement one, or leave its AddJob out."]
            : OfConstructors(handler, name, services);
    }

    /// <summary>What is wrong with the interface that a handler implements for a job; null: nothing.</summary>
    internal static string? OfContract(Type handler, HandlerContract contract, JobDefinition definition)
    {
        if (contract.ResultType == definition.ResultType)
        {
            return null;
        }

        var job = definition.JobType.Name;
        var meant = new HandlerContract(definition.JobType, definition.ResultType);
        var declared = definition.ResultType is { } result ? $"IJob<{TypeNames.Of(result)}>" : "IJob";
        return $"The handler {TypeNames.Of(handler)} must implement {meant}, because {job} is an {declared}, got {contract}; write {meant}.";
    }

    private static IReadOnlyList<string> OfConstructors(Type handler, string name, IServiceProviderIsService services)
    {
        var constructors = handler.GetConstructors();
        var marked = constructors.Where(constructor => constructor.IsDefined(typeof(ActivatorUtilitiesConstructorAttribute), inherit: false)).ToList();
        return (constructors, marked) switch
        {
            ([], _) => [$"The handler {name} must have a public constructor, got none; make one public."],
            ([var only], _) => OfParameters(only, name, services),
            (_, [var chosen]) => OfParameters(chosen, name, services),
            _ => [$"The handler {name} must have one public constructor, got {constructors.Length}; keep one, or mark one with [ActivatorUtilitiesConstructor]."],
        };
    }

    private static IReadOnlyList<string> OfParameters(ConstructorInfo constructor, string name, IServiceProviderIsService services) =>
    [
        .. constructor.GetParameters()
            .Where(parameter => !parameter.HasDefaultValue && !IsRegistered(parameter, services))
            .Select(parameter => $"The handler {name} needs a {TypeNames.Of(parameter.ParameterType)} (parameter '{parameter.Name}'), which is not registered; add it to the services of the silo."),
    ];

    private static bool IsRegistered(ParameterInfo parameter, IServiceProviderIsService services) => parameter.GetCustomAttribute<FromKeyedServicesAttribute>() switch
    {
        null => services.IsService(parameter.ParameterType),
        { Key: null } => true,
        { Key: { } key } => services is not IServiceProviderIsKeyedService keyed || keyed.IsKeyedService(parameter.ParameterType, key),
    };
}
