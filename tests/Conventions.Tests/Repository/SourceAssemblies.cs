using System.Reflection;

namespace Krewe.Conventions.Tests.Repository;

/// <summary>The assemblies built from src, found by their project files so that a new project cannot be forgotten.</summary>
internal static class SourceAssemblies
{
    private const string GeneratedNamespace = "OrleansCodeGen";

    internal static IReadOnlyList<string> Projects { get; } =
        [.. SourceTree.Files("src").Where(path => path.EndsWith(".csproj", StringComparison.Ordinal))];

    internal static IReadOnlyList<string> Names { get; } = [.. Projects.Select(path => Path.GetFileNameWithoutExtension(path))];

    /// <summary>Every assembly of src; fails for a project that these tests do not reference.</summary>
    internal static IEnumerable<Assembly> All => Names.Select(name => Assembly.Load(new AssemblyName(name)));

    /// <summary>The types a person wrote: no closures, no generated serializers.</summary>
    internal static IEnumerable<Type> WrittenTypes(Assembly assembly) =>
        assembly.GetTypes().Where(type => !IsGenerated(type)).OrderBy(type => type.FullName, StringComparer.Ordinal);

    private static bool IsGenerated(Type type) =>
        type.FullName!.Contains('<', StringComparison.Ordinal)
        || type.Namespace?.StartsWith(GeneratedNamespace, StringComparison.Ordinal) is true
        || type.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute), inherit: false)
        || type.GetCustomAttribute<System.CodeDom.Compiler.GeneratedCodeAttribute>() is not null
        || (type.DeclaringType is { } outer && IsGenerated(outer))
        || type.Namespace is "Microsoft.CodeAnalysis" or "System.Runtime.CompilerServices" or "Microsoft.AspNetCore.OpenApi.Generated";
}
