using System.Reflection;
using Krewe.Hosting;

namespace Krewe.Jobs;

/// <summary>Loads the handler assemblies of <c>--jobs</c>, each in a load context of its own, and the services that they bring.</summary>
internal static class HandlerAssemblies
{
    /// <summary>Loads one assembly.</summary>
    /// <param name="path">As given; relative to the working directory.</param>
    /// <exception cref="SiloStartException">There is no such file, it is no assembly, it cannot be read whole, or it has no handlers.</exception>
    public static Assembly Load(string path)
    {
        var file = Path.GetFullPath(path);
        if (!File.Exists(file))
        {
            throw new SiloStartException($"There is no handler assembly {file}; build it, or give another file with --jobs.");
        }

        try
        {
            var assembly = new HandlerLoadContext(file).LoadFromAssemblyPath(file);
            return assembly.GetTypes().Any(IsHandler)
                ? assembly
                : throw new SiloStartException($"{file} has no job handlers; expected a class that implements IJobHandler<TJob> or IJobHandler<TJob, TResult> of Krewe.Grains.Interfaces.");
        }
        catch (BadImageFormatException)
        {
            throw new SiloStartException($"{file} is not a .NET assembly that this runtime reads; give the .dll of a class library for .NET {Environment.Version.Major} or older.");
        }
        catch (ReflectionTypeLoadException exception)
        {
            var cause = exception.LoaderExceptions.FirstOrDefault(inner => inner is not null)?.Message ?? exception.Message;
            throw new SiloStartException($"{file} cannot be read whole: {cause} Publish it (dotnet publish), so that what it needs lies beside it.");
        }
        catch (FileLoadException exception)
        {
            throw new SiloStartException($"{file} cannot be loaded: {exception.Message}");
        }
    }

    /// <summary>Registers the services that an assembly brings through <see cref="IJobServices"/>.</summary>
    /// <exception cref="SiloStartException">One of its classes cannot be made.</exception>
    public static void AddServices(Assembly assembly, IServiceCollection services, IConfiguration configuration)
    {
        foreach (var type in assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IJobServices))))
        {
            if (type.GetConstructor(Type.EmptyTypes) is null)
            {
                throw new SiloStartException($"{type.FullName} implements IJobServices and must have a public constructor without parameters.");
            }

            ((IJobServices)Activator.CreateInstance(type)!).Configure(services, configuration);
        }
    }

    private static bool IsHandler(Type type) => type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false } && type.GetInterfaces().Any(contract =>
        contract.IsGenericType && (contract.GetGenericTypeDefinition() == typeof(IJobHandler<>) || contract.GetGenericTypeDefinition() == typeof(IJobHandler<,>)));
}
