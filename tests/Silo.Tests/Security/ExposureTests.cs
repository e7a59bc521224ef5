using Krewe.Hosting;
using Krewe.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Xunit;

namespace Krewe.Silo.Tests.Security;

public sealed class ExposureTests
{
    [Theory]
    [InlineData("http://127.0.0.1:5555", true)]
    [InlineData("http://127.9.9.9:5555", true)]
    [InlineData("http://localhost:5555", true)]
    [InlineData("http://[::1]:5555", true)]
    [InlineData("http://0.0.0.0:5555", false)]
    [InlineData("http://[::]:5555", false)]
    [InlineData("http://*:5555", false)]
    [InlineData("http://+:5555", false)]
    [InlineData("http://10.0.0.5:5555", false)]
    [InlineData("http://localhost.example.com:5555", false)]
    public void IsLoopback_WhenAsked_KnowsWhoReachesIt(string url, bool expected) => Assert.Equal(expected, Exposure.IsLoopback(url));

    [Theory]
    [InlineData("http://127.0.0.1:1", false, false, false, true)]
    [InlineData("http://0.0.0.0:1", false, false, false, false)]
    [InlineData("http://0.0.0.0:1", true, false, false, true)]
    [InlineData("http://0.0.0.0:1", false, true, false, true)]
    [InlineData("http://0.0.0.0:1", false, false, true, true)]
    public void RequireProtected_WhenOpen_WantsOneOfThreeWays(string url, bool hasKey, bool isAnonymousAllowed, bool hasPolicy, bool passes)
    {
        object[] metadata = hasPolicy ? [new AuthorizeAttribute()] : [];
        var routes = new DefaultEndpointDataSource(
            new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse("/api/jobs"), 0, new EndpointMetadataCollection(metadata), null),
            new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse("/health/live"), 0, null, null));

        var exception = Record.Exception(() => Exposure.RequireProtected(["http://127.0.0.1:2", url], hasKey, isAnonymousAllowed, [routes]));

        Assert.Equal(passes, exception is null);
        Assert.True(passes || Assert.IsType<SiloStartException>(exception).Message ==
            "http://0.0.0.0:1 is open to other machines and nothing protects it; give --api-key-file FILE, or put an authorization policy on the API, or say --allow-anonymous, or bind to 127.0.0.1.");
    }
}
