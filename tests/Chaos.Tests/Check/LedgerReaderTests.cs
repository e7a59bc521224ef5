using Krewe.Chaos.Check;
using Krewe.Chaos.Jobs;
using Xunit;

namespace Krewe.Chaos.Tests.Check;

public sealed class LedgerReaderTests
{
    private const string Execution = "default~0~a\t2\tt1\t7\t10.0.0.1:1@1";

    [Fact]
    public void Parse_WhenAnEndFollows_ItBelongsToTheStart()
    {
        var execution = Assert.Single(LedgerReader.Parse([$"start\t{Execution}\t100", $"end\t{Execution}\t150\tCompleted"]));

        Assert.Equal(new HandlerRun("default~0~a", 2, "t1", 7, "10.0.0.1:1@1", new(100)) { EndedAt = new(150), End = ExecutionEnd.Completed }, execution);
    }

    [Fact]
    public void Parse_WhenATokenStartedTwice_EndsBelongToStartsInOrder()
    {
        var executions = LedgerReader.Parse([$"start\t{Execution}\t100", $"start\t{Execution}\t110", $"end\t{Execution}\t150\tStopped"]);

        Assert.Equal([new TimeSpan(150), null], executions.Select(execution => execution.EndedAt));
    }

    [Theory]
    [InlineData("start\tdefault~0~a\t2")]
    [InlineData("other")]
    public void Parse_WhenALineIsNone_SaysWhich(string line) => Assert.Contains("must be a start", Assert.Throws<InvalidDataException>(() => LedgerReader.Parse([line])).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_WhenAProcessWasKilledInTheMiddleOfALine_ThatLineIsLeftOut()
    {
        var folder = Directory.CreateTempSubdirectory("krewe-ledger-");
        File.WriteAllText(Path.Combine(folder.FullName, ExecutionLedger.FileOf(7)), $"start\t{Execution}\t100\nend\t{Execution}\t15");
        File.WriteAllText(Path.Combine(folder.FullName, ExecutionLedger.FileOf(8)), "");

        var execution = Assert.Single(LedgerReader.Read(folder.FullName));

        Assert.Null(execution.EndedAt);
        folder.Delete(recursive: true);
    }
}
