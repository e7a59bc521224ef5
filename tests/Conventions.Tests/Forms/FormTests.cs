using System.Text;
using Krewe.Conventions.Tests.Repository;
using Xunit;

namespace Krewe.Conventions.Tests.Forms;

/// <summary>Every release reads what the ones before it stored, and understands what they send. Their forms lie beside this file, as bytes: <c>VERSION.sent.txt</c> and <c>VERSION.stored.txt</c>.</summary>
/// <remarks>
/// Each has three lines a form: its name, its bytes, and what they say (numbers of members with their values; what has its default is left out). A release adds its own two files,
/// and takes those away that it need not read any more. <c>KREWE_ACCEPT=1</c> adds what the newest files lack, and never changes a line.
/// </remarks>
public sealed class FormTests
{
    private const string Folder = "tests/Conventions.Tests/Forms";
    private const string Version = "0.1.0";

    private static string FolderPath => Path.Combine(SourceTree.Root, Folder);

    public static TheoryData<string> Files => [.. Directory.GetFiles(FolderPath, "*.txt").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Forms_WhenAReleaseWroteThem_SayTheSameToThisVersion(string file)
    {
        var findings = from form in Read(Path.Combine(FolderPath, file))
                       let text = Forms.Read(form.Name, form.Bytes)
                       where text != form.Text
                       select $"{form.Name}\n  said {form.Text}\n  says {text}";

        Findings.ShouldBeNone(findings, $"{Folder}/{file} was written by a release that lives beside this version while it is deployed: members are added, never changed.");
    }

    [Theory]
    [InlineData("sent")]
    [InlineData("stored")]
    public void Forms_WhenTheyAreOfThisVersion_AreKept(string kind)
    {
        var path = Path.Combine(FolderPath, $"{Version}.{kind}.txt");
        var known = File.Exists(path) ? Read(path).Select(form => form.Name).ToHashSet(StringComparer.Ordinal) : [];
        var missing = (kind == "sent" ? Forms.Sent() : Forms.Stored()).Where(form => !known.Contains(form.Name)).OrderBy(form => form.Name, StringComparer.Ordinal).ToList();
        if (Environment.GetEnvironmentVariable("KREWE_ACCEPT") == "1")
        {
            File.AppendAllText(path, string.Concat(missing.Select(form => $"{form.Name}\n{Convert.ToHexString(form.Bytes)}\n{form.Text}\n")));
            return;
        }

        Findings.ShouldBeNone(missing.Select(form => form.Name), $"{Folder}/{Version}.{kind}.txt has one of everything; add the missing: KREWE_ACCEPT=1 dotnet test tests/Conventions.Tests, and commit the file.");
    }

    private static List<Form> Read(string path) =>
        [.. File.ReadLines(path, Encoding.UTF8).Chunk(3).Select(lines => new Form(lines[0], Convert.FromHexString(lines[1]), lines[2]))];
}
