using Krewe.Hosting;
using Microsoft.AspNetCore.Authorization;

namespace Krewe.Security;

/// <summary>Refuses to serve other machines without any protection.</summary>
internal static class Exposure
{
    /// <summary>Checks the URLs before they are bound.</summary>
    /// <param name="urls">Where HTTP will be served.</param>
    /// <param name="hasKey">Whether callers must show a key.</param>
    /// <param name="isAnonymousAllowed">Whether <c>--allow-anonymous</c> was given.</param>
    /// <param name="routes">The routes; one of the API's with an authorization policy protects it.</param>
    /// <exception cref="SiloStartException">A URL is open to other machines and nothing protects it.</exception>
    public static void RequireProtected(IEnumerable<string> urls, bool hasKey, bool isAnonymousAllowed, IEnumerable<EndpointDataSource> routes)
    {
        if (hasKey || isAnonymousAllowed || HasPolicy(routes))
        {
            return;
        }

        if (urls.FirstOrDefault(url => !IsLoopback(url)) is { } open)
        {
            throw new SiloStartException(
                $"{open} is open to other machines and nothing protects it; give --api-key-file FILE, or put an authorization policy on the API, or say --allow-anonymous, or bind to 127.0.0.1.");
        }
    }

    /// <summary>Whether a URL is reachable from this machine alone.</summary>
    public static bool IsLoopback(string url) => BindingAddress.Parse(url) is var address && (address.IsUnixPipe || HostGate.IsLoopback(address.Host.Trim('[', ']')));

    private static bool HasPolicy(IEnumerable<EndpointDataSource> routes) => routes.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        .Where(route => route.RoutePattern.RawText?.StartsWith("/api", StringComparison.Ordinal) == true)
        .Select(route => route.Metadata.GetMetadata<IAuthorizeData>() ?? (object?)route.Metadata.GetMetadata<AuthorizationPolicy>())
        .DefaultIfEmpty(null)
        .All(policy => policy is not null);
}
