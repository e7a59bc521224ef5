using Krewe.Api;

namespace Krewe.Security;

/// <summary>Lets requests pass that show the key.</summary>
internal sealed class KeyGate(ApiKey key) : IGate
{
    private const string Scheme = "Bearer ";

    public Problem? Refuse(HttpContext http)
    {
        if (http.Request.Headers["X-Api-Key"].Concat(Bearers(http.Request)).Any(shown => key.Matches(shown ?? "")))
        {
            return null;
        }

        http.Response.Headers.WWWAuthenticate = "Bearer";
        return new(StatusCodes.Status401Unauthorized, "The key of this silo must come in Authorization: Bearer KEY or in X-Api-Key, got none or another one.");
    }

    private static IEnumerable<string?> Bearers(HttpRequest request) => request.Headers.Authorization
        .Where(value => value is not null && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        .Select(value => value![Scheme.Length..].Trim());
}
