using Krewe.Security;
using Krewe.Silo.Tests.Api;
using Xunit;

namespace Krewe.Silo.Tests.Security;

public sealed class KreweGatesTests
{
    private const string Own = "own";

    [Theory]
    [InlineData("/api/queues", 401)]
    [InlineData("/metrics", 401)]
    [InlineData("/openapi/v1.json", 401)]
    [InlineData("/orleans", 401)]
    [InlineData("/", 401)]
    [InlineData("/healthy", 401)]
    [InlineData("/health/../api/queues", 401)]
    [InlineData("/health/%2e%2e/api/queues", 401)]
    [InlineData("/health/live", 200)]
    [InlineData("/health/ready", 200)]
    public async Task Key_WhenNoneIsShown_CoversAllButHealth(string path, int status)
    {
        await using var server = await TestServer.StartAsync(new ApiKey("secret"));

        Assert.Equal(status, (await server.SendAsync(new(HttpMethod.Get, new Uri(server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })))).Status);
    }

    [Theory]
    [InlineData("Authorization", "Bearer secret", 200)]
    [InlineData("Authorization", "bearer  secret ", 200)]
    [InlineData("X-Api-Key", "secret", 200)]
    [InlineData("Authorization", "secret", 401)]
    [InlineData("Authorization", "Basic secret", 401)]
    [InlineData("Authorization", "Bearer ", 401)]
    [InlineData("Authorization", "Bearer secret2", 401)]
    [InlineData("X-Api-Key", "Secret", 401)]
    [InlineData("X-Api-Key", "", 401)]
    public async Task Key_WhenShown_MustBeTheKey(string header, string value, int status)
    {
        await using var server = await TestServer.StartAsync(new ApiKey("secret"));
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/queues");
        request.Headers.TryAddWithoutValidation(header, value);

        var answer = await server.SendAsync(request);

        Assert.Equal(status, answer.Status);
        Assert.True(status == 200 || answer.Detail == "The key of this silo must come in Authorization: Bearer KEY or in X-Api-Key, got none or another one.");
    }

    [Theory]
    [InlineData("POST", "/api/jobs/default~0~x/cancel", null, null, null, 404)]
    [InlineData("POST", "/api/jobs/default~0~x/cancel", "same-origin", null, null, 404)]
    [InlineData("POST", "/api/jobs/default~0~x/cancel", "none", null, null, 404)]
    [InlineData("POST", "/api/jobs/default~0~x/cancel", "same-site", null, null, 403)]
    [InlineData("POST", "/api/jobs/default~0~x/cancel", "cross-site", null, null, 403)]
    [InlineData("POST", "/api/jobs/default~0~x/cancel", "cross-site", null, "navigate", 403)]
    [InlineData("POST", "/api/jobs/default~0~x/cancel", null, Own, null, 404)]
    [InlineData("POST", "/api/jobs/default~0~x/cancel", null, "http://evil.example", null, 403)]
    [InlineData("POST", "/api/jobs/default~0~x/cancel", null, "http://127.0.0.1:1", null, 403)]
    [InlineData("POST", "/api/jobs/default~0~x/cancel", null, "null", null, 403)]
    [InlineData("POST", "/api/jobs/default~0~x/cancel", null, "https://jobs.example.com", null, 404)]
    [InlineData("GET", "/api/queues", "cross-site", null, null, 403)]
    [InlineData("GET", "/api/queues", "cross-site", null, "navigate", 403)]
    [InlineData("GET", "/api/queues", null, "http://evil.example", null, 403)]
    [InlineData("GET", "/metrics", "cross-site", null, null, 403)]
    [InlineData("GET", "/", "cross-site", null, "navigate", 200)]
    [InlineData("POST", "/", "cross-site", null, "navigate", 403)]
    [InlineData("GET", "/health/live", "cross-site", null, null, 200)]
    public async Task CrossSite_WhenBrowserSends_PassesOwnPagesOnly(string method, string path, string? site, string? origin, string? mode, int status)
    {
        await using var server = await TestServer.StartAsync(settings: new() { ["Krewe:AllowedHosts"] = "jobs.example.com" });
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        Add(request, "Sec-Fetch-Site", site);
        Add(request, "Origin", origin == Own ? server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) : origin);
        Add(request, "Sec-Fetch-Mode", mode);
        Add(request, "Sec-Fetch-Dest", mode is null ? null : "document");

        var answer = await server.SendAsync(request);

        Assert.Equal(status, answer.Status);
        Assert.True(status != 403 || answer.Detail.StartsWith("This request comes from a page of another site", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://127.0.0.1:0", null, "evil.example", 400)]
    [InlineData("http://127.0.0.1:0", null, "localhost", 200)]
    [InlineData("http://127.0.0.1:0", null, "127.0.0.1:9", 200)]
    [InlineData("http://127.0.0.1:0", null, "[::1]", 200)]
    [InlineData("http://127.0.0.1:0", "jobs.example.com;b", "JOBS.example.com:80", 200)]
    [InlineData("http://127.0.0.1:0", "jobs.example.com", "evil.example", 400)]
    [InlineData("http://127.0.0.1:0", "*", "evil.example", 200)]
    [InlineData("http://127.0.0.2:0", null, "evil.example", 400)]
    public async Task Host_WhenForeign_IsTurnedAwayOnLoopback(string url, string? allowed, string host, int status)
    {
        await using var server = await TestServer.StartAsync(settings: new() { ["Krewe:AllowedHosts"] = allowed }, url: url);
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/queues") { Headers = { Host = host } };

        Assert.Equal(status, (await server.SendAsync(request)).Status);
    }

    private static void Add(HttpRequestMessage request, string header, string? value)
    {
        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }
    }
}
