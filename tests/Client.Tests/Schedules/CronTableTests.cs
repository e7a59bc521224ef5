using System.Globalization;
using System.Text.RegularExpressions;
using Krewe.Client.Tests.Fakes;
using Xunit;

namespace Krewe.Client.Tests.Schedules;

/// <summary>What <c>CronTable.txt</c> says, asked of the client.</summary>
public sealed partial class CronTableTests
{
    private const string Refused = "refused: ";

    private static readonly IScheduleClient Schedules = new FakeCluster().Client().Schedules;

    public static TheoryData<string> Dues => [.. Lines().Where(static line => !line.Contains(Refused, StringComparison.Ordinal))];

    public static TheoryData<string> Refusals => [.. Lines().Where(static line => line.Contains(Refused, StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Dues))]
    public void Preview_OfALine_IsDueAsItSays(string line)
    {
        var (cron, zone, after, expected) = line.Split(" | ") is [var first, var second, var third, var fourth] ? (Unescape(first), second, third, fourth.Split(' ')) : throw new FormatException(line);

        var dues = Schedules.Preview(Recurrence.Cron(cron, zone), DateTimeOffset.Parse(after, CultureInfo.InvariantCulture), expected.Length);

        Assert.Equal(expected, dues.Select(static due => due.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture)));
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Preview_OfALineThatIsRefused_SaysWhere(string line)
    {
        var (cron, what) = line.Split(" | " + Refused) is [var first, var second] ? (Unescape(first), second) : throw new FormatException(line);
        var beginning = what switch
        {
            "count" => "cron must be 5 fields",
            "never due" => "cron must be due some day, got ",
            _ when what.Split(" at ") is [var field, var position] => $"cron is wrong at position {position}, in {field}: ",
            _ => throw new FormatException(line),
        };

        var sentence = Assert.Throws<InvalidJobException>(() => Schedules.Preview(Recurrence.Cron(cron), DateTimeOffset.UnixEpoch)).Message;

        Assert.StartsWith(beginning, sentence, StringComparison.Ordinal);
        Assert.DoesNotContain(sentence, static letter => char.IsControl(letter) || letter is '\u2028' or '\u2029');
    }

    private static IEnumerable<string> Lines()
    {
        using var table = new StreamReader(typeof(CronTableTests).Assembly.GetManifestResourceStream("CronTable.txt")!);
        return [.. table.ReadToEnd().Split('\n').Where(static line => line.Length > 0 && line[0] != '#')];
    }

    private static string Unescape(string text) => Escape.Replace(text, static match => match.Value switch
    {
        @"\s" => " ",
        @"\t" => "\t",
        @"\n" => "\n",
        @"\r" => "\r",
        var number => ((char)ushort.Parse(number.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString(),
    });

    [GeneratedRegex(@"\\(?:[stnr]|u[0-9a-f]{4})")]
    private static partial Regex Escape { get; }
}
