namespace Krewe.Conventions.Tests.Repository;

/// <summary>The files of the repository as they lie on disk, without what builds and tools leave behind.</summary>
internal static class SourceTree
{
    private static readonly string[] Generated = ["bin", "obj", "artifacts", "node_modules", "dist", "TestResults", "BenchmarkDotNet.Artifacts", ".git", ".vs", ".idea"];

    internal static string Root { get; } = FindRoot();

    /// <summary>Files below a folder of the repository, as paths from the root with forward slashes, sorted; none when the folder is missing.</summary>
    internal static IReadOnlyList<string> Files(params string[] folders) =>
        [.. folders.Select(folder => Path.Combine(Root, folder)).Where(Directory.Exists).SelectMany(Walk).Select(Relative).Order(StringComparer.Ordinal)];

    internal static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    internal static string[] ReadLines(string path) => File.ReadAllLines(Path.Combine(Root, path));

    internal static bool Exists(string path) => File.Exists(Path.Combine(Root, path));

    private static IEnumerable<string> Walk(string folder)
    {
        var nested = Directory.EnumerateDirectories(folder).Where(child => !Generated.Contains(Path.GetFileName(child)));
        return Directory.EnumerateFiles(folder).Concat(nested.SelectMany(Walk));
    }

    private static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orleans.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"Expected Orleans.sln above {AppContext.BaseDirectory}; run the tests from the build output inside the repository.");
    }
}
