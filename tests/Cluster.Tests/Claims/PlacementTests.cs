using Krewe.Hosting;
using Krewe.Jobs;
using Krewe.Testing;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Cluster.Tests.Claims;

/// <summary>The claim is the directory: a job's grain lives on the silo that its key names, or nowhere.</summary>
public sealed class PlacementTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private const string Token = "1-00000000000000aa";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_WhenTheSiloOfTheKeyIsNotThere_FailsAndStartsNothing()
    {
        await using var silo = await KreweHost.StartAsync();
        var here = silo.Services.GetRequiredService<SiloIdentity>().Address;

        var gone = Grain(silo, $"{here[..here.IndexOf('@', StringComparison.Ordinal)]}@1");

        await Assert.ThrowsAsync<SiloUnavailableException>(() => gone.StartAsync(Token));
    }

    [Fact]
    public async Task Call_WhenTheSiloDoesNotHoldTheClaim_AnswersNotHereFromAnySilo()
    {
        await using var cluster = await KreweCluster.StartAsync(redis.Server, 2);
        var addresses = cluster.Silos.Select(silo => silo.Services.GetRequiredService<SiloIdentity>().Address).ToList();

        foreach (var silo in cluster.Silos)
        {
            foreach (var address in addresses)
            {
                Assert.False(await Grain(silo, address).StartAsync(Token));
                Assert.False(await Grain(silo, address).CancelAsync(Token, CancellationReason.Cancelled));
            }
        }
    }

    [Fact]
    public async Task Start_WhenTheClaimRunsAlready_IsRefused()
    {
        await using var silo = await KreweHost.StartAsync();
        var gate = new Gate();
        var job = silo.Setup.Scripts.Add(async (_, token) =>
        {
            await gate.PassAsync(token);
            return "once";
        });
        var handle = await silo.Jobs.EnqueueAsync(job, cancellationToken: Cancellation);
        await gate.ArrivedAsync();
        var claim = Assert.Single(silo.Services.GetRequiredService<Dispatch.HeldClaims>().All);

        Assert.False(await silo.Services.GetRequiredService<JobGrains>().Of(claim.Job, silo.Services.GetRequiredService<SiloIdentity>().Address).StartAsync(claim.Job.Token));

        gate.Open();
        Assert.Equal(("once", 1), (await handle.ResultAsync(), silo.Setup.Scripts.RunsOf(job)));
    }

    private static IJobGrain Grain(KreweHost silo, string address) => silo.Services.GetRequiredService<JobGrains>().Of(JobGrainKey.Format(Token, address, $"default~0~{Some.Key()}"));
}
