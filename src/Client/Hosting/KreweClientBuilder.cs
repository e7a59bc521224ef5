using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Krewe;

/// <summary>Builds the client of a process that is no silo: how it finds the cluster, and its options. Passed to <c>AddKreweClient</c>.</summary>
public sealed class KreweClientBuilder
{
    internal KreweClientBuilder(IClientBuilder client) => Client = client;

    /// <summary>The Orleans client under construction.</summary>
    public IClientBuilder Client { get; }

    /// <summary>The process's services.</summary>
    public IServiceCollection Services => Client.Services;

    /// <summary>Finds the silos in the Redis that the cluster uses.</summary>
    /// <param name="connection">Any string that StackExchange.Redis parses, such as <c>host:6379,password=…</c>.</param>
    /// <exception cref="ArgumentException">The string does not parse.</exception>
    public KreweClientBuilder UseRedis(string connection)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connection);
        var parsed = ConfigurationOptions.Parse(connection);
        if (parsed.EndPoints.Count == 0)
        {
            throw new ArgumentException("The connection must name a Redis server, got none; write such as 'host:6379'.", nameof(connection));
        }

        Client.UseRedisClustering(options => options.ConfigurationOptions = parsed);
        return this;
    }

    /// <summary>Connects to silos by their gateways. One whose process hangs, or whose machine lost its power, is used until its connection breaks; <see cref="UseRedis"/> learns of its death from the cluster.</summary>
    /// <param name="gateways">One or more of <c>address:port</c>, such as <c>10.0.0.5:30000</c> or <c>[::1]:30000</c>.</param>
    /// <exception cref="ArgumentException">There is none, or one is not of this form.</exception>
    public KreweClientBuilder UseGateways(params string[] gateways)
    {
        ArgumentNullException.ThrowIfNull(gateways);
        if (gateways.Length == 0)
        {
            throw new ArgumentException("There must be one gateway or more, got none; write such as '10.0.0.5:30000'.", nameof(gateways));
        }

        Client.UseStaticClustering(Array.ConvertAll(gateways, Parse));
        return this;
    }

    /// <summary>Names the cluster, as its silos' <c>--cluster-id</c> does.</summary>
    /// <param name="clusterId">Default <c>krewe</c>.</param>
    public KreweClientBuilder UseClusterId(string clusterId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(clusterId);
        Client.Configure<ClusterOptions>(options => options.ClusterId = clusterId);
        return this;
    }

    /// <summary>Sends jobs whose names match to a queue, where neither the job nor the call names one.</summary>
    /// <param name="pattern">A job name in which <c>*</c> stands for any characters, such as <c>payments.*</c>.</param>
    /// <param name="queue">A queue that exists.</param>
    public KreweClientBuilder Route(string pattern, string queue) => Configure(options => options.Routes.Add(new RouteOptions { Pattern = pattern, Queue = queue }));

    /// <summary>Sets options in code; runs after the binding of the section <c>Krewe</c>.</summary>
    /// <param name="configure">Sets options.</param>
    public KreweClientBuilder Configure(Action<KreweOptions> configure)
    {
        Services.Configure(configure);
        return this;
    }

    private static IPEndPoint Parse(string gateway) => IPEndPoint.TryParse(gateway, out var endpoint) && endpoint.Port > 0
        ? endpoint
        : throw new ArgumentException($"A gateway must be an IP address with a port, got '{gateway}'; write such as '10.0.0.5:30000'.", nameof(gateway));
}
