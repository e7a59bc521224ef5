using Krewe.Api;

namespace Krewe.Security;

/// <summary>Turns away what a page of another site makes a visitor's browser send; callers that are no browsers send none of these headers.</summary>
/// <param name="allowedHosts">Hosts of <c>Krewe:AllowedHosts</c>, under which a proxy serves the same pages.</param>
internal sealed class CrossSiteGate(IReadOnlyCollection<string> allowedHosts) : IGate
{
    public Problem? Refuse(HttpContext http)
    {
        var request = http.Request;
        if (IsSameOrigin(request) || IsLinkFollowed(request))
        {
            return null;
        }

        return new(StatusCodes.Status403Forbidden, "This request comes from a page of another site, which may not use this silo; call it from a program, or from its own pages.");
    }

    private bool IsSameOrigin(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString() switch
    {
        "same-origin" or "none" => true,
        "" => request.Headers.Origin is not { Count: > 0 } origin || IsOwn(origin.ToString(), request),
        _ => false,
    };

    private bool IsOwn(string origin, HttpRequest request) => Uri.TryCreate(origin, UriKind.Absolute, out var from)
        && (from.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase) || allowedHosts.Contains(from.Host));

    // A link on another site may lead to a page here, as long as the page only shows; the browser keeps its content from that site. The API has no pages.
    private static bool IsLinkFollowed(HttpRequest request) => HttpMethods.IsGet(request.Method)
        && request.Headers["Sec-Fetch-Mode"] == "navigate"
        && request.Headers["Sec-Fetch-Dest"] == "document"
        && !request.Path.StartsWithSegments("/api");
}
