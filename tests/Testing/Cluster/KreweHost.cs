using System.Net;
using System.Net.Sockets;
using Krewe.Testing.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Krewe.Testing.Cluster;

/// <summary>A real silo in this process: Orleans, engine and store as in production, on free loopback ports.</summary>
public sealed class KreweHost : IAsyncDisposable
{
    private const int StartTries = 3;
    private const string MemoryFolder = "/dev/shm";
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(3);

    private readonly IHost _host;
    private readonly string? _folder;
    private bool _isStopped;

    private KreweHost(KreweSetup setup, IHost host, string? folder, string? dataFile, int gatewayPort) =>
        (Setup, _host, _folder, DataFile, GatewayPort) = (setup, host, folder, dataFile, gatewayPort);

    /// <summary>What it was made of.</summary>
    public KreweSetup Setup { get; }

    /// <summary>Its data file; null on Redis.</summary>
    public string? DataFile { get; }

    /// <summary>Where clients connect.</summary>
    public int GatewayPort { get; }

    /// <summary>The silo's own client.</summary>
    public IJobClient Jobs => _host.Services.GetRequiredService<IJobClient>();

    /// <summary>The silo's services.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Starts a silo and waits until it takes jobs.</summary>
    public static async Task<KreweHost> StartAsync(KreweSetup? setup = null)
    {
        for (var tries = 1; ; tries++)
        {
            var silo = Build(setup ?? new KreweSetup());
            try
            {
                silo.Setup.Events.Listen(silo.Services);
                await silo._host.StartAsync();
                return silo;
            }
            catch (Exception exception)
            {
                silo._isStopped = true;
                await silo.DisposeAsync();
                if (tries == StartTries || exception.GetBaseException() is not SocketException)
                {
                    throw; // Only a port that somebody else took meanwhile is worth another try.
                }
            }
        }
    }

    /// <summary>Stops the silo as a deployment would: drain, then leave. Its data stay.</summary>
    public async Task StopAsync()
    {
        if (!_isStopped)
        {
            _isStopped = true;
            using var timeout = new CancellationTokenSource(StopTimeout);
            await _host.StopAsync(timeout.Token);
        }
    }

    /// <summary>Stops the silo and deletes the folder of its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static KreweHost Build(KreweSetup setup)
    {
        var folder = setup.Redis is null && setup.DataFile is null ? NewFolder(setup.IsOnDisk) : null;
        var dataFile = setup.Redis is null ? setup.DataFile ?? Path.Combine(folder!, "krewe.db") : null;
        var (siloPort, gatewayPort) = (FreePorts.Next(), FreePorts.Next());
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddProvider(setup.Logs).SetMinimumLevel(LogLevel.Debug).AddFilter("Orleans", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddSingleton(setup.Scripts);
        setup.Services?.Invoke(builder.Services);
        builder.UseOrleans(silo =>
        {
            Join(silo, setup, siloPort, gatewayPort);
            silo.AddKrewe(krewe => Configure(krewe, setup, dataFile));
        });
        return new KreweHost(setup, builder.Build(), folder, dataFile, gatewayPort);
    }

    private static string NewFolder(bool isOnDisk) => isOnDisk || !Directory.Exists(MemoryFolder)
        ? Directory.CreateTempSubdirectory("krewe-test-").FullName
        : Directory.CreateDirectory(Path.Combine(MemoryFolder, $"krewe-test-{Guid.CreateVersion7():n}")).FullName;

    private static void Join(ISiloBuilder silo, KreweSetup setup, int siloPort, int gatewayPort)
    {
        silo.Configure<SiloOptions>(options => options.SiloName = setup.Name);
        if (setup.Redis is null)
        {
            silo.UseLocalhostClustering(siloPort, gatewayPort);
        }
        else
        {
            silo.ConfigureEndpoints(IPAddress.Loopback, siloPort, gatewayPort);
        }

        silo.Configure<ClusterOptions>(options => options.ClusterId = setup.ClusterId);
    }

    private static void Configure(KreweBuilder krewe, KreweSetup setup, string? dataFile)
    {
        if (setup.Redis is { } redis)
        {
            krewe.UseRedis(setup.RedisConnection ?? redis.ConnectionString, options => options.KeyPrefix = setup.KeyPrefix);
        }
        else
        {
            krewe.UseSqlite(dataFile!);
        }

        krewe.Configure(options =>
        {
            options.Drain = TimeSpan.Zero;
            options.CancelGrace = TimeSpan.FromSeconds(3);
            options.WaitForStore = TimeSpan.FromSeconds(10);
            setup.Options?.Invoke(options);
        });
        if (setup.HandlesScripted)
        {
            krewe.AddJob<ScriptedHandler>();
        }

        setup.Krewe?.Invoke(krewe);
    }
}
