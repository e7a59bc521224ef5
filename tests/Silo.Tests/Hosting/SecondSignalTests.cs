using System.Runtime.InteropServices;
using Krewe.Hosting;
using Xunit;

namespace Krewe.Silo.Tests.Hosting;

public sealed class SecondSignalTests
{
    [Theory]
    [InlineData(PosixSignal.SIGINT, 130)]
    [InlineData(PosixSignal.SIGTERM, 143)]
    public void On_WhenItComesTwice_LeavesWithTheSignalsCode(PosixSignal signal, int exitCode)
    {
        var left = new List<int>();
        using var second = new SecondSignal(left.Add);
        var context = new PosixSignalContext(signal);

        second.On(new PosixSignalContext(PosixSignal.SIGTERM));
        Assert.Empty(left);
        second.On(context);

        Assert.Equal([exitCode], left);
        Assert.True(context.Cancel);
    }
}
