using Krewe.Hosting;
using Krewe.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Krewe.Silo.Tests.Hosting;

public sealed class StartErrorsTests
{
    private static readonly string[] Urls = ["http://127.0.0.1:5555"];

    public static TheoryData<Exception, int> Expected => new()
    {
        { new SiloStartException("m", 2), 2 },
        { new KreweOptionsException("m"), 2 },
        { new StoreUnavailableException("m"), 3 },
        { new StoreConfigurationException("m"), 1 },
        { new StoreVersionException("m"), 1 },
        { new InvalidOperationException("outer", new AggregateException(new IOException("x"), new StoreUnavailableException("m"))), 3 },
    };

    [Theory]
    [MemberData(nameof(Expected))]
    public void Find_WhenProblemIsExpected_HasItsMessageAndCode(Exception exception, int exitCode)
    {
        var problem = StartErrors.Find(exception, Urls);

        Assert.Equal(("m", exitCode), (problem!.Message, StartErrors.ExitCode(problem)));
    }

    [Fact]
    public void Find_WhenPortIsInUse_NamesIt()
    {
        var problem = StartErrors.Find(new IOException("x", new AddressInUseException("y")), Urls);

        Assert.Equal("Port 5555 is in use, so http://127.0.0.1:5555 cannot be served; stop the process that has it, or give another with --urls.", problem!.Message);
    }

    [Fact]
    public void Find_WhenDefect_IsNull() => Assert.Null(StartErrors.Find(new InvalidOperationException("x", new IOException("y")), Urls));

    [Fact]
    public void Formatter_WhenExceptionHasLines_WritesOne()
    {
        var text = Write(new StartPhase(Urls), new InvalidOperationException("a\nb"));

        Assert.Equal("2026-01-31T12:00:00.000Z warn Krewe.X: one two | System.InvalidOperationException: a b\n", text);
    }

    [Fact]
    public void Formatter_WhenProblemIsToldByTheProgram_LeavesItOutUntilStarted()
    {
        var phase = new StartPhase(Urls);

        Assert.Equal("", Write(phase, new StoreUnavailableException("m")));
        phase.End();
        Assert.NotEqual("", Write(phase, new StoreUnavailableException("m")));
    }

    private static string Write(StartPhase phase, Exception exception)
    {
        var writer = new StringWriter();
        var formatter = new OneLineFormatter(new FakeTimeProvider(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero)), phase);
        formatter.Write(new LogEntry<string>(LogLevel.Warning, "Krewe.X", default, "one\r\ntwo", exception, (state, _) => state), null, writer);
        return writer.ToString();
    }
}
