using Xunit;

namespace Krewe.Conventions.Tests.Repository;

/// <summary>Where files lie, how long they are and what they must not say.</summary>
public sealed class FileTests
{
    private const int MaxSourceLines = 400;
    private const int MaxTestLines = 600;
    private const int MaxProgramLines = 60;
    private const int MaxReadmeLines = 200;

    private static readonly string[] Code = [".cs", ".lua", ".ts", ".tsx", ".js", ".css", ".html", ".razor"];
    private static readonly string[] Text = [.. Code, ".csproj", ".props", ".md", ".yml", ".yaml", ".json", ".sh", ""];
    private static readonly string[] RootFiles =
    [
        "Orleans.sln", "README.md", "CHANGELOG.md", "LICENSE", "docker-compose.yml", "global.json", ".editorconfig", ".gitattributes",
        ".gitignore", ".dockerignore", "Directory.Build.props", "Directory.Packages.props", "BannedSymbols.txt",
    ];
    private static readonly string[] RootFolders = [".ci", "docs", "samples", "src", "tests", "benchmarks"];

    // Ignored by git, so they never reach a commit: the work of builds, editors and a local silo.
    private static readonly string[] Ignored = [".git", ".vs", ".idea", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts", "bin", "obj"];
    private static readonly string[] IgnoredEndings = [".user", ".db", ".db-wal", ".db-shm", ".db-lock", ".lock"];

    // Joined here so that this file does not find itself.
    private static readonly string[] Leftovers = ["TO" + "DO", "FIX" + "ME", "HA" + "CK"];

    [Theory]
    [InlineData("src", MaxSourceLines)]
    [InlineData("samples", MaxSourceLines)]
    [InlineData("tests", MaxTestLines)]
    [InlineData("benchmarks", MaxTestLines)]
    public void Files_WhenTheyHoldCode_AreShort(string folder, int max)
    {
        var findings = from path in SourceTree.Files(folder)
                       where Code.Contains(Path.GetExtension(path)) && !path.Contains(".min.", StringComparison.Ordinal)
                       let count = SourceTree.ReadLines(path).Length
                       where count > max
                       select $"{path}: {count} lines";

        Findings.ShouldBeNone(findings, $"A file of {folder} has at most {max} lines; look for the second idea and give it a file.");
    }

    [Fact]
    public void Program_InTheSilo_IsShort()
    {
        Assert.InRange(SourceTree.ReadLines("src/Silo/Program.cs").Length, 1, MaxProgramLines);
    }

    [Fact]
    public void Readme_WhenItExists_IsShort()
    {
        var count = SourceTree.Exists("README.md") ? SourceTree.ReadLines("README.md").Length : 0;

        Assert.InRange(count, 0, MaxReadmeLines);
    }

    [Fact]
    public void Sources_LieInFolders()
    {
        var findings = SourceTree.Files("src").Where(path => path.Split('/').Length < 4 && !MayBeLoose(path));

        Findings.ShouldBeNone(findings, "A file of src lies in a folder of its project, which names a step of a job's life; loose are only the project file, Program.cs, Dockerfile, appsettings and the client's own way in.");
    }

    [Fact]
    public void Root_HoldsOnlyWhatIsExpected()
    {
        var files = Directory.EnumerateFiles(SourceTree.Root).Select(path => Path.GetFileName(path)).Except(RootFiles);
        var folders = Directory.EnumerateDirectories(SourceTree.Root).Select(path => Path.GetFileName(path)).Except(RootFolders);
        var findings = files.Concat(folders).Where(name => !IsIgnored(name));

        Findings.ShouldBeNone(findings, "The root holds only the files and folders of the map in the README; move it, or add it to this list on purpose.");
    }

    [Fact]
    public void Files_HoldNoLeftovers()
    {
        var findings = from path in SourceTree.Files("src", "tests", "samples", "benchmarks", "docs", ".ci")
                       where Text.Contains(Path.GetExtension(path))
                       from line in SourceTree.ReadLines(path).Select((text, index) => (Text: text, Number: index + 1))
                       where Leftovers.Any(word => HasWord(line.Text, word))
                       select $"{path}:{line.Number}: {line.Text.Trim()}";

        Findings.ShouldBeNone(findings, "Nothing is left over; do it now, or write an issue and leave no mark.");
    }

    private static bool HasWord(string text, string word)
    {
        for (var at = text.IndexOf(word, StringComparison.Ordinal); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.Ordinal))
        {
            var after = at + word.Length;
            if ((at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1])) && (after == text.Length || !char.IsAsciiLetterOrDigit(text[after])))
            {
                return true;
            }
        }

        return false;
    }

    private static bool MayBeLoose(string path)
    {
        var name = Path.GetFileName(path);
        return name is "Program.cs" or "Dockerfile"
            || name.EndsWith(".csproj", StringComparison.Ordinal)
            || (name.StartsWith("appsettings", StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal))
            || path.StartsWith("src/Client/", StringComparison.Ordinal)
            || path.StartsWith("src/Storage.", StringComparison.Ordinal);
    }

    private static bool IsIgnored(string name) =>
        Ignored.Contains(name) || name.StartsWith("krewe-demo", StringComparison.Ordinal) || IgnoredEndings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal));
}
