using System.Net;
using Krewe.Hosting;
using Krewe.Storage;
using Krewe.Testing.Cluster;
using Krewe.Testing.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>A silo on Redis.</summary>
public sealed class RedisHostingTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task UseRedis_WhenServerComesWithinTheWait_StartsASiloThatSharesOneConnection()
    {
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancelled);
        await server.StopAsync(Cancelled);
        using var host = CreateHost(server.ConnectionString);

        var starting = host.StartAsync(Cancelled);
        await server.StartAgainAsync(Cancelled);
        await starting;

        await host.Services.GetRequiredService<IJobStore>().ConnectAsync(TimeSpan.FromSeconds(30), Cancelled);
        Assert.Empty(await host.Services.GetRequiredService<IFlowStore>().ListOpenAsync(null, 10));
        await host.Services.GetRequiredService<IReminderTable>().UpsertRow(Reminder(), Cancelled);
        var clients = await server.SendAsync("CLIENT LIST", Cancelled);
        var keys = await server.SendAsync("KEYS *", Cancelled);
        await host.StopAsync(Cancelled);

        // The driver opens one connection for commands and one for subscriptions.
        Assert.InRange(clients.Split("name=krewe ").Length - 1, 1, 2);
        Assert.Contains("redis-test/members/redis-cluster", keys, StringComparison.Ordinal);
        Assert.Contains("redis-test/reminders", keys, StringComparison.Ordinal);
        Assert.Contains("krewe:layout", keys, StringComparison.Ordinal);
    }

    [Fact]
    public void UseRedis_WhenTheStringCannotBeRead_SaysWhatWasExpected()
    {
        var exception = Assert.Throws<KreweOptionsException>(() => CreateHost(",password=hush-hush").Dispose());

        Assert.Contains("must name a server, got none; write such as host:6379", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush-hush", exception.Message, StringComparison.Ordinal);
    }

    private static IHost CreateHost(string redis)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = ("redis-test", "redis-cluster"));
            silo.ConfigureEndpoints(IPAddress.Loopback, FreePorts.Next(), FreePorts.Next());
            new KreweBuilder(silo, new JobRegistrations()).UseRedis(redis).UseRedis(redis);
        });
        return builder.Build();
    }

    private static ReminderEntry Reminder() => new()
    {
        GrainId = GrainId.Create("test", "1"), ReminderName = "wake", StartAt = new(2031, 5, 6, 12, 0, 0, DateTimeKind.Utc), Period = TimeSpan.FromMinutes(1),
    };
}
