using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Krewe.Execution;

/// <summary>Finds the handlers of an assembly, as far as its types can be loaded.</summary>
internal static class HandlerScan
{
    /// <summary>The public and internal classes of an assembly that implement a handler interface and are not abstract, open generics included (they are refused later).</summary>
    /// <param name="assembly">Scanned once.</param>
    /// <param name="logger">Told which types were skipped because an assembly that they need is missing.</param>
    /// <param name="problem">Set when there are none: a silo that was told to run an assembly's handlers and finds none is a mistake.</param>
    internal static List<Type> Handlers(Assembly assembly, ILogger logger, out string? problem)
    {
        var skipped = new SortedSet<string>(StringComparer.Ordinal);
        var found = new List<Type>();
        foreach (var type in Types(assembly, skipped))
        {
            if (IsHandler(type, skipped))
            {
                found.Add(type);
            }
        }

        var name = assembly.GetName().Name ?? assembly.FullName ?? "?";
        var reasons = string.Join(' ', skipped);
        if (skipped.Count > 0)
        {
            logger.TypesSkipped(name, reasons);
        }

        problem = found.Count > 0
            ? null
            : $"The assembly {name} must hold at least one public or internal class that implements IJobHandler<TJob> or IJobHandler<TJob, TResult>, got none; " +
              (skipped.Count > 0 ? $"types of it could not be loaded: {reasons}" : "name another assembly, or leave it out.");
        return found;
    }

    /// <summary>The job classes of an assembly that carry a <c>[Job]</c>, handled or not.</summary>
    internal static IEnumerable<Type> Jobs(Assembly assembly) =>
        Types(assembly, []).Where(type => type is { IsClass: true, IsAbstract: false } && IsReachable(type) && HoldsJobAttribute(type));

    private static IEnumerable<Type> Types(Assembly assembly, SortedSet<string> skipped)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException exception)
        {
            foreach (var reason in exception.LoaderExceptions)
            {
                skipped.Add(Describe(reason));
            }

            return exception.Types.OfType<Type>();
        }
    }

    private static bool IsHandler(Type type, SortedSet<string> skipped)
    {
        try
        {
            return type is { IsClass: true, IsAbstract: false } && IsReachable(type) && HandlerContracts.Of(type).Count > 0;
        }
        catch (Exception exception) when (exception is FileNotFoundException or FileLoadException or TypeLoadException or BadImageFormatException)
        {
            skipped.Add(Describe(exception));
            return false;
        }
    }

    private static bool HoldsJobAttribute(Type type)
    {
        try
        {
            return typeof(IJob).IsAssignableFrom(type) && type.IsDefined(typeof(JobAttribute), inherit: false);
        }
        catch (Exception exception) when (exception is FileNotFoundException or FileLoadException or TypeLoadException or BadImageFormatException)
        {
            return false;
        }
    }

    // A private or protected nested class is a detail of its outer one, not a handler that a silo offers.
    private static bool IsReachable(Type type)
    {
        for (var nested = type; nested.IsNested; nested = nested.DeclaringType!)
        {
            if (nested.IsNestedPrivate || nested.IsNestedFamily || nested.IsNestedFamANDAssem)
            {
                return false;
            }
        }

        return true;
    }

    private static string Describe(Exception? exception) => exception switch
    {
        FileNotFoundException { FileName: { } file } => $"the assembly '{file}' is missing.",
        FileLoadException { FileName: { } file } => $"the assembly '{file}' cannot be loaded.",
        TypeLoadException { TypeName.Length: > 0 } missing => $"the type '{missing.TypeName}' is missing.",
        _ => exception is null ? "a type cannot be loaded." : ErrorText.MessageOf(exception),
    };
}
