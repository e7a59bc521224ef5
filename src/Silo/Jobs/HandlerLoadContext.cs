using System.Reflection;
using System.Runtime.Loader;

namespace Krewe.Jobs;

/// <summary>Keeps a handler assembly's dependencies apart from the host's and from other handler assemblies', save for the contracts that both sides must share.</summary>
internal sealed class HandlerLoadContext(string path) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(path))
{
    // A second copy of these would make an IJobHandler or an ILogger that is not the host's.
    private static readonly string[] Shared = ["Krewe.", "Orleans.", "Microsoft.Orleans.", "Microsoft.Extensions."];

    private readonly AssemblyDependencyResolver _resolver = new(path);

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (Array.Exists(Shared, prefix => assemblyName.Name!.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) && FromHost(assemblyName.Name!) is { } shared)
        {
            return shared;
        }

        return _resolver.ResolveAssemblyToPath(assemblyName) is { } file ? LoadFromAssemblyPath(file) : null;
    }

    protected override IntPtr LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } file ? LoadUnmanagedDllFromPath(file) : IntPtr.Zero;

    // By name alone: the host's version counts whatever version the assembly was compiled with. What the host does not have (an own Krewe.Something) comes from beside.
    private static Assembly? FromHost(string name)
    {
        try
        {
            return Default.LoadFromAssemblyName(new AssemblyName(name));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
