using Krewe.Hosting;
using Xunit;

namespace Krewe.Silo.Tests.Hosting;

public sealed class SiloCommandTests
{
    [Fact]
    public void Read_WhenHelpIsAsked_ListsEveryFlag()
    {
        var output = new StringWriter();

        var read = SiloCommand.Read(["--help"], output, TextWriter.Null);

        Assert.Equal(0, read.ExitCode);
        string[] flags =
        [
            "--data", "--redis", "--jobs", "--queues", "--concurrency", "--urls", "--silo-port", "--gateway-port", "--silo-address", "--cluster-id",
            "--drain", "--wait-for-store", "--api-key-file", "--allow-anonymous", "--log-level", "--demo",
        ];
        Assert.All(flags, flag => Assert.Contains($"{flag} ", output.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Read_WhenNothingIsGiven_SetsNothing()
    {
        var read = SiloCommand.Read([], TextWriter.Null, TextWriter.Null);

        Assert.Null(read.ExitCode);
        Assert.Empty(read.Settings);
    }

    [Theory]
    [InlineData("There is no flag '--foo'; --help lists them all.", "--foo")]
    [InlineData("There is no flag 'foo'; --help lists them all.", "--demo", "foo")]
    [InlineData("There is no flag '@missing'; --help lists them all.", "@missing")]
    [InlineData("Required argument missing for option: '--data'; --help lists all flags.", "--data")]
    public void Read_WhenLineIsBad_SaysOneSentence(string sentence, params string[] args)
    {
        var error = new StringWriter();

        var read = SiloCommand.Read(args, TextWriter.Null, error);

        Assert.Equal((2, sentence), (read.ExitCode, error.ToString().TrimEnd()));
    }

    [Fact]
    public void Read_WhenFlagIsGivenTwice_SaysOneSentence()
    {
        var error = new StringWriter();

        Assert.Equal(2, SiloCommand.Read(["--data", "a", "--data", "b"], TextWriter.Null, error).ExitCode);
        Assert.Single(error.ToString().TrimEnd().Split('\n'));
    }

    [Fact]
    public void Read_WhenValueBeginsWithAt_IsAValue() =>
        Assert.Equal("@a.db", SiloCommand.Read(["--data", "@a.db"], TextWriter.Null, TextWriter.Null).Settings["Krewe:Data"]);
}
