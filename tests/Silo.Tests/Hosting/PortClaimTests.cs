using System.Net;
using System.Net.Sockets;
using Krewe.Hosting;
using Xunit;

namespace Krewe.Silo.Tests.Hosting;

public sealed class PortClaimTests
{
    [Fact]
    public void Take_WhenTwoSilosChoose_GivesThemTwoPorts()
    {
        using var first = PortClaim.Take(IPAddress.Loopback, null, 41_000, "--silo-port");
        using var second = PortClaim.Take(IPAddress.Loopback, null, 41_000, "--silo-port");

        Assert.NotEqual(first.Port, second.Port);
    }

    [Fact]
    public void Take_WhenPortIsInUse_GivesTheNextOne()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var used = ((IPEndPoint)listener.LocalEndpoint).Port;

        using var claim = PortClaim.Take(IPAddress.Loopback, null, used, "--silo-port");

        Assert.True(claim.Port > used);
    }

    [Fact]
    public void Take_WhenWantedPortIsInUse_RefusesNamingIt()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var used = ((IPEndPoint)listener.LocalEndpoint).Port;

        var exception = Assert.Throws<SiloStartException>(() => PortClaim.Take(IPAddress.Loopback, used, 41_000, "--silo-port"));

        Assert.Equal(($"Port {used} of 127.0.0.1 is in use; stop the process that has it, or give another --silo-port.", 1), (exception.Message, exception.ExitCode));
    }

    [Fact]
    public void Take_WhenAddressIsNotOfThisMachine_Refuses()
    {
        var exception = Assert.Throws<SiloStartException>(() => PortClaim.Take(IPAddress.Parse("192.0.2.1"), null, 41_000, "--silo-port"));

        Assert.Equal("192.0.2.1 is not an address of this machine; give one that is, such as 127.0.0.1.", exception.Message);
    }

    [Fact]
    public void RequireFree_WhenHttpPortIsInUse_NamesPortAndFlag()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var used = ((IPEndPoint)listener.LocalEndpoint).Port;

        var exception = Assert.Throws<SiloStartException>(() => HttpPorts.RequireFree([$"http://127.0.0.1:{used}"]));

        Assert.Equal($"Port {used} is in use, so http://127.0.0.1:{used} cannot be served; stop the process that has it, or give another with --urls.", exception.Message);
    }
}
