using System.Net;
using Krewe.Api;

namespace Krewe.Security;

/// <summary>Turns away requests under a foreign host name, so that a page whose name was pointed at this machine (DNS rebinding) reaches nothing.</summary>
/// <param name="isLoopbackOnly">Whether HTTP is bound to loopback alone; asked at each request, the port being known only after the start.</param>
/// <param name="allowedHosts">Hosts of <c>Krewe:AllowedHosts</c>; empty: the loopback names where only loopback is bound, any elsewhere.</param>
internal sealed class HostGate(Func<bool> isLoopbackOnly, IReadOnlyCollection<string> allowedHosts) : IGate
{
    public Problem? Refuse(HttpContext http)
    {
        var host = http.Request.Host.Host;
        return IsLoopback(host) || allowedHosts.Contains(host) || allowedHosts.Contains("*") || (allowedHosts.Count == 0 && !isLoopbackOnly())
            ? null
            : new(StatusCodes.Status400BadRequest, $"This silo is not '{host}'; call it by an address of its own, or name the host in Krewe:AllowedHosts.");
    }

    internal static bool IsLoopback(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
