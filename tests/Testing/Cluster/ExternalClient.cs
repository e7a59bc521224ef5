using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Krewe.Testing.Cluster;

/// <summary>A process that is no silo, as far as the cluster can tell: its own host with a client and nothing else.</summary>
public sealed class ExternalClient : IAsyncDisposable
{
    private readonly IHost _host;

    private ExternalClient(IHost host) => _host = host;

    /// <summary>The client.</summary>
    public IJobClient Jobs => _host.Services.GetRequiredService<IJobClient>();

    /// <summary>Connects.</summary>
    /// <param name="configure">Says how the cluster is found.</param>
    public static async Task<ExternalClient> StartAsync(Action<KreweClientBuilder> configure)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddKreweClient(configure);
        var host = builder.Build();
        await host.StartAsync();
        return new ExternalClient(host);
    }

    /// <summary>Connects to the gateway of one silo.</summary>
    public static Task<ExternalClient> ToAsync(KreweHost silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        return StartAsync(client => client.UseGateways($"127.0.0.1:{silo.GatewayPort}").UseClusterId(silo.Setup.ClusterId));
    }

    /// <summary>Disconnects.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
