using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;
using Pipelines.Sockets.Unofficial;
using StackExchange.Redis;
using Xunit;

namespace Krewe.Client.Tests.Hosting;

public sealed class KreweClientExtensionsTests
{
    [Fact]
    public void AddKreweClient_WhenCalledTwice_BindsOnceAndLetsTheLaterCallWin()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Krewe:Routes:0:Pattern"] = "a.*", ["Krewe:Routes:0:Queue"] = "low", ["Krewe:Jobs:a.b:TimeLimit"] = "00:00:05", ["Krewe:MaxPayloadBytes"] = "2048", ["Krewe:ClusterId"] = "configured",
        }).Build());

        services.AddKreweClient(client => client.UseGateways("127.0.0.1:30000", "[::1]:30001").Route("b.*", "critical"));
        services.AddKreweClient(client => client.UseClusterId("mine").Configure(options => options.MaxPayloadBytes = 4096));

        using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<KreweOptions>>().Value;
        Assert.Equal(["a.*", "b.*"], options.Routes.Select(route => route.Pattern));
        Assert.Equal((4096, TimeSpan.FromSeconds(5)), (options.MaxPayloadBytes, options.Jobs["a.b"].TimeLimit));
        Assert.Equal(("mine", "krewe"), (provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId, provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ServiceId));
        Assert.Equal(TimeSpan.FromSeconds(3), provider.GetRequiredService<IOptions<GatewayOptions>>().Value.GatewayListRefreshPeriod);
        Assert.Equal(2, provider.GetRequiredService<IOptions<StaticGatewayListProviderOptions>>().Value.Gateways.Count);
        Assert.Same(provider.GetRequiredService<IJobClient>(), Assert.Single(provider.GetServices<IJobClient>()));
    }

    [Fact]
    public void AddKreweClient_WhenOptionsAreOutOfBounds_SaysAllOfThem()
    {
        var services = new ServiceCollection();
        services.AddKreweClient(client => client.UseGateways("127.0.0.1:30000").Configure(options => (options.MaxPayloadBytes, options.MaxDeliveries) = (1, 0)));

        using var provider = services.BuildServiceProvider();
        var exception = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<KreweOptions>>().Value);
        Assert.Equal(2, exception.Failures.Count());
    }

    [Fact]
    public void AddKreweClient_WhenTheStoresOwnExceptionIsInside_CarriesTheSentenceAcrossProcesses()
    {
        var services = new ServiceCollection();
        services.AddKreweClient(client => client.UseGateways("127.0.0.1:30000"));
        using var provider = services.BuildServiceProvider();
        var serializer = provider.GetRequiredService<Serializer>();
        var sent = new StoreUnavailableException("Redis is away.", new RedisConnectionException(ConnectionFailureType.SocketClosed, "closed", new ConnectionResetException("reset"))) { MaybeStoredIds = ["default~0~a"] };

        var received = serializer.Deserialize<Exception>(serializer.SerializeToArray<Exception>(sent));

        var exception = Assert.IsType<StoreUnavailableException>(received);
        Assert.Equal(("Redis is away.", "default~0~a", "closed", "reset"), (exception.Message, exception.MaybeStoredIds[0], exception.InnerException?.Message, exception.InnerException?.InnerException?.Message));
    }

    [Theory]
    [InlineData("10.0.0.5")]
    [InlineData("host:30000")]
    public void UseGateways_WhenAGatewayDoesNotParse_SaysTheForm(string gateway)
    {
        var exception = Assert.Throws<ArgumentException>(() => new ServiceCollection().AddKreweClient(client => client.UseGateways(gateway)));

        Assert.StartsWith($"A gateway must be an IP address with a port, got '{gateway}'; write such as '10.0.0.5:30000'.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UseRedis_WhenTheStringNamesNoServer_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddKreweClient(client => client.UseRedis("password=x")));
}
