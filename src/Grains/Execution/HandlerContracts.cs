namespace Krewe.Execution;

/// <summary>One handler interface that a class implements.</summary>
/// <param name="JobType">The type of the args.</param>
/// <param name="ResultType">The result; null for an <see cref="IJobHandler{TJob}"/>.</param>
internal readonly record struct HandlerContract(Type JobType, Type? ResultType)
{
    public override string ToString() => ResultType is null ? $"IJobHandler<{JobType.Name}>" : $"IJobHandler<{JobType.Name}, {TypeNames.Of(ResultType)}>";
}

/// <summary>Reads which jobs a class handles.</summary>
internal static class HandlerContracts
{
    internal static IReadOnlyList<HandlerContract> Of(Type handler)
    {
        var contracts = new List<HandlerContract>();
        foreach (var contract in handler.GetInterfaces())
        {
            if (!contract.IsGenericType)
            {
                continue;
            }

            var definition = contract.GetGenericTypeDefinition();
            var arguments = contract.GetGenericArguments();
            if (definition == typeof(IJobHandler<>))
            {
                contracts.Add(new(arguments[0], null));
            }
            else if (definition == typeof(IJobHandler<,>))
            {
                contracts.Add(new(arguments[0], arguments[1]));
            }
        }

        return contracts;
    }
}
