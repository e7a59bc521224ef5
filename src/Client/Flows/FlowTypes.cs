using System.Collections.Concurrent;
using System.Text.Json;
using Krewe.Definitions;

namespace Krewe.Flows;

/// <summary>What steps yield and receive, as far as types say it. Thread-safe.</summary>
internal sealed class FlowTypes(JobCatalogue catalogue)
{
    /// <summary>The input of a step that has none.</summary>
    internal static readonly Type Nothing = typeof(void);

    /// <summary>The result of a step of which nobody said what it yields.</summary>
    internal static readonly Type Unknown = typeof(object);

    /// <summary>By job type: what it declares with <see cref="IReceives{T}"/>.</summary>
    private readonly ConcurrentDictionary<Type, Type[]> _received = new();

    /// <summary>The type of a step's result.</summary>
    /// <exception cref="InvalidJobException">The type of a job cannot be a job.</exception>
    internal Type ResultOf(IFlowStep step) => step switch
    {
        Flow flow => flow.ResultType,
        IJob job => catalogue.Get(job.GetType()).ResultType ?? Unknown,
        IJobStep { Parts.Job: { } job } => catalogue.Get(job.GetType()).ResultType ?? Unknown,
        IJobStep { Parts.Name: { } name } when catalogue.TryGet(name, out var definition) => definition.ResultType ?? Unknown,
        _ => Unknown,
    };

    /// <summary>Says in a sentence why a job cannot receive an input; null: it can.</summary>
    internal string? Misfit(StepParts step, Type input)
    {
        if ((step.Job?.GetType() ?? (catalogue.TryGet(step.Name ?? "", out var known) ? known.JobType : null)) is not { } jobType)
        {
            return null;
        }

        var received = _received.GetOrAdd(jobType, static type => [.. type.GetInterfaces().Where(IsReceives).Select(contract => contract.GetGenericArguments()[0])]);
        if (received.Length == 0 || received.Any(wanted => Fits(wanted, input)))
        {
            return null;
        }

        var (job, wants) = (Text(jobType), string.Join(" or ", received.Select(Text)));
        return input == Nothing
            ? $"the input of {job} must be {wants}, as its IReceives says, got none, as no step comes before it; put one there that yields {wants}, or take IReceives away."
            : $"the input of {job} must be {wants}, as its IReceives says, got {Text(input)}; put a step before it that yields {wants}, or declare IReceives<{Text(input)}>.";
    }

    /// <summary>Whether a value of one type reads as another. Arrays fit whatever is a sequence of what their elements fit.</summary>
    internal static bool Fits(Type wanted, Type given) =>
        given != Nothing && (IsAnything(wanted) || IsAnything(given) || wanted.IsAssignableFrom(given)
            || (given.IsArray && ElementOf(wanted) is { } element && Fits(element, given.GetElementType()!)));

    /// <summary>A type as a C# programmer writes it.</summary>
    internal static string Text(Type type) => type switch
    {
        { IsArray: true } => $"{Text(type.GetElementType()!)}[]",
        { IsGenericType: true } => $"{(type.FullName ?? type.Name).Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Text))}>",
        _ => type.FullName ?? type.Name,
    };

    private static bool IsReceives(Type contract) => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IReceives<>);

    private static bool IsAnything(Type type) => type == Unknown || type == typeof(JsonElement) || type == typeof(JsonElement?);

    private static Type? ElementOf(Type type) => type == typeof(string) ? null : type.IsArray
        ? type.GetElementType()
        : type.GetInterfaces().Append(type).FirstOrDefault(contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0];
}
