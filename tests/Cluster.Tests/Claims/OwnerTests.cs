using System.Text;
using Krewe.Cluster.Tests.Jobs;
using Krewe.Dispatch;
using Krewe.Execution;
using Krewe.Hosting;
using Krewe.Testing;
using Krewe.Testing.Cluster;
using Krewe.Testing.Redis;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Cluster.Tests.Claims;

/// <summary>The owner of a partition, with the test in the place of its workers: the silo itself consumes another queue.</summary>
public abstract class OwnerTests : IAsyncLifetime
{
    private const string Name = "sample.echo";
    private KreweHost? _silo;
    private long _sequence;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected KreweHost Silo => _silo ?? throw new InvalidOperationException("Expected a started silo.");

    private protected IDispatchGrain Owner => Silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IDispatchGrain>("default~0");

    /// <summary>The silo itself, which is alive.</summary>
    private protected string Here => Silo.Services.GetRequiredService<SiloIdentity>().Address;

    public async ValueTask InitializeAsync() => _silo = await KreweHost.StartAsync(new KreweSetup
    {
        Redis = await RedisAsync(),
        Options = options => (options.Partitions, options.ConsumedQueues) = (1, new Dictionary<string, int> { ["low"] = 1 }),
    });

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    private protected abstract Task<RedisServer?> RedisAsync();

    /// <summary>A silo that is dead: membership has a later one at its address, and a file another process.</summary>
    private protected string Dead(int generation) => $"{Here[..Here.IndexOf('@', StringComparison.Ordinal)]}@{generation}";

    private protected Task<JobHandle<string>> EnqueueAsync(EnqueueOptions? options = null) => Silo.Jobs.EnqueueAsync(new EchoText(Some.Key()), options, Cancellation);

    private protected ClaimRequest Request(string silo, params string[] held) => new()
    {
        Silo = silo, WorkerName = "by hand", Max = 1, Sequence = ++_sequence, Held = held, Handlers = [Name], CanTakeSuspect = true,
    };

    private protected async Task<ClaimedJob[]> ClaimAsync(string silo, int max = 1) => (await Owner.ClaimAsync(Request(silo) with { Max = max })).Claims;

    private protected static AttemptOutcome Outcome(ClaimedJob claim, OutcomeKind kind, string? json = null) => new()
    {
        Id = claim.Record.Id, Token = claim.Token, Kind = kind, Result = json is null ? null : Encoding.UTF8.GetBytes(json), EndedAt = claim.Claim.ClaimedAt,
    };
}
