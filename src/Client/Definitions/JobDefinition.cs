namespace Krewe.Definitions;

/// <summary>What a process knows about one job type. Immutable.</summary>
/// <param name="Name">The stable name.</param>
/// <param name="JobType">The class or record.</param>
/// <param name="ResultType">The <c>T</c> of its <see cref="IJob{TResult}"/>; null when it has none.</param>
/// <param name="Attribute">What <c>[Job]</c> sets.</param>
/// <param name="Code">What <c>AddJob(…)</c> sets; null where nothing was.</param>
/// <param name="Aliases">Old names still in the store.</param>
internal sealed record JobDefinition(string Name, Type JobType, Type? ResultType, JobOptions Attribute, JobOptions? Code, IReadOnlyList<string> Aliases);
