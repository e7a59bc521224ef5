using System.Reflection;

namespace Krewe.Definitions;

/// <summary>Reads a job's definition from its type by reflection.</summary>
internal static class DefinitionReader
{
    /// <param name="jobType">The type of the args.</param>
    /// <param name="code">What <c>AddJob(…)</c> sets; null where nothing was.</param>
    /// <exception cref="InvalidJobException">The type cannot be a job; the message names all that is wrong with its <c>[Job]</c>.</exception>
    internal static JobDefinition Read(Type jobType, JobOptions? code)
    {
        var type = jobType.FullName ?? jobType.Name;
        if (ShapeError(jobType) is { } error)
        {
            throw new InvalidJobException($"{type} cannot be a job: {error}");
        }

        var attribute = jobType.GetCustomAttribute<JobAttribute>(inherit: false)
            ?? throw new InvalidJobException($"{type} cannot be a job: it must carry [Job(\"name\")] itself, got none (it is not inherited); write [Job(\"area.{Suggestion(jobType)}\")] above it.");

        var violations = OptionChecks.OfAttribute($"[Job] on {type}: ", attribute);
        if (violations.Count > 0)
        {
            throw new InvalidJobException(string.Join(' ', violations));
        }

        return new JobDefinition(attribute.Name, jobType, ResultTypes(jobType).FirstOrDefault(), attribute.Set, code, attribute.Aliases);
    }

    private static string? ShapeError(Type type) => type switch
    {
        { IsValueType: true } => "it must be a class or a record, got a struct; write 'sealed record' in place of 'struct'.",
        { IsInterface: true } => "it must be a class or a record, got an interface; handlers are matched by the job's exact type.",
        { ContainsGenericParameters: true } => "it must be a closed type, got an open generic one; name its type arguments.",
        { IsAbstract: true } => "it must be a type that can be made, got an abstract one; handlers are matched by the job's exact type.",
        _ when !typeof(IJob).IsAssignableFrom(type) => "it must implement IJob or IJob<TResult>; add one of them.",
        _ when ResultTypes(type).ToList() is { Count: > 1 } results =>
            $"it must implement one IJob<TResult>, got {string.Join(" and ", results.Select(result => $"IJob<{result.Name}>"))}; split it into two jobs.",
        _ => null,
    };

    private static IEnumerable<Type> ResultTypes(Type type) => type.GetInterfaces()
        .Where(contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IJob<>))
        .Select(contract => contract.GetGenericArguments()[0]);

    /// <summary>SendOrderConfirmation becomes send_order_confirmation.</summary>
    private static string Suggestion(Type type) => string.Concat(type.Name.Where(char.IsAsciiLetterOrDigit)
        .Select((letter, index) => char.IsAsciiLetterUpper(letter) && index > 0 ? $"_{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
}
