using System.Text;
using Krewe.Conventions.Tests.Repository;
using Xunit;

namespace Krewe.Conventions.Tests.Snapshots;

/// <summary>A text that was agreed on, kept beside this file as <c>NAME.txt</c>; a change shows up in review.</summary>
internal static class Snapshot
{
    private const string AcceptVariable = "KREWE_ACCEPT";
    private const string Folder = "tests/Conventions.Tests/Snapshots";
    private const int MaxDifferences = 60;

    internal static void ShouldMatch(string name, string actual)
    {
        var path = Path.Combine(SourceTree.Root, Folder, name + ".txt");
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        var accepted = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        if (accepted != actual)
        {
            Assert.Fail(
                $"{Folder}/{name}.txt is not what the code says (- accepted, + now):\n{Differences(accepted.Split('\n'), actual.Split('\n'))}"
                + $"If the change is meant, accept it: {AcceptVariable}=1 dotnet test tests/Conventions.Tests, and commit the file.");
        }
    }

    /// <summary>The lines that left and came, with the heading (a line that is not indented) they stand under.</summary>
    private static string Differences(string[] accepted, string[] actual)
    {
        var removed = Difference(WithHeadings(accepted), WithHeadings(actual)).Select(line => $"- {line}");
        var added = Difference(WithHeadings(actual), WithHeadings(accepted)).Select(line => $"+ {line}");
        var all = removed.Concat(added).ToList();
        var text = new StringBuilder().AppendJoin('\n', all.Take(MaxDifferences)).Append('\n');
        if (all.Count == 0)
        {
            text.Append("  the same lines in another order\n");
        }

        return all.Count > MaxDifferences ? text.Append("  and ").Append(all.Count - MaxDifferences).Append(" more\n").ToString() : text.ToString();
    }

    private static List<string> Difference(IEnumerable<string> lines, IEnumerable<string> others)
    {
        var counts = others.GroupBy(line => line, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        List<string> missing = [];
        foreach (var line in lines)
        {
            var left = counts.GetValueOrDefault(line);
            counts[line] = left - 1;
            if (left <= 0)
            {
                missing.Add(line);
            }
        }

        return missing;
    }

    private static IEnumerable<string> WithHeadings(IEnumerable<string> lines)
    {
        var heading = "";
        foreach (var line in lines.Where(line => line.Length > 0))
        {
            if (line[0] != ' ')
            {
                heading = line;
                yield return line;
            }
            else
            {
                yield return $"{heading}  ▸ {line.Trim()}";
            }
        }
    }
}
