using Krewe.Cluster.Tests.Flows;
using Krewe.Cluster.Tests.FromCelery;
using Krewe.Cluster.Tests.Jobs;
using Krewe.Testing.Cluster;
using Krewe.Testing.Events;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Cluster.Tests.Fixtures;

/// <summary>One silo for all tests of a collection. Tests keep out of each other's way by keys of their own.</summary>
public abstract class SharedKrewe : IAsyncLifetime
{
    private KreweHost? _silo;

    public KreweHost Silo => _silo ?? throw new InvalidOperationException("Expected an initialized fixture; let xunit create it.");

    public virtual async ValueTask InitializeAsync() => _silo = await KreweHost.StartAsync(await MakeSetupAsync());

    public virtual async ValueTask DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    private protected abstract Task<KreweSetup> MakeSetupAsync();

    private protected static KreweSetup Setup(RedisServer? redis) => new()
    {
        Redis = redis,
        Krewe = krewe => krewe.AddJob<AddNumbersHandler>().AddJob<DescribeOrderHandler>().AddJob<EchoTextHandler>().AddJob<FlakyHandler>().AddJob<LimitedHandler>().AddJob<SilentHandler>()
            .AddJob<WriteDiaryHandler>().AddJob<PickyHandler>().AddJob<BrokenResultHandler>().AddJob<AddHandler>().AddJob<SumHandler>().AddJob<TellHandler>().AddJob<BreakHandler>().AddJob<RoutedHandler>().Route("routed.*", "critical")
            .AddJob<GiveHandler>().AddJob<PassHandler>().AddJob<AddToEachHandler>().AddJob<AppendHandler>().AddJob<AddReplacedHandler>().AddJob<AddToEachReplacedHandler>().AddJob<BreakReplacedHandler>(),
        Options = options => options.Queues["narrow"] = new QueueOptions { MaxQueueLength = 5 },
    };
}

/// <summary>Embedded, on a file.</summary>
public sealed class SqliteKrewe : SharedKrewe
{
    private protected override Task<KreweSetup> MakeSetupAsync() => Task.FromResult(Setup(null));
}

/// <summary>A cluster of one, on Redis.</summary>
public sealed class RedisKrewe : SharedKrewe
{
    private RedisServer? _redis;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    private protected override async Task<KreweSetup> MakeSetupAsync() => Setup(_redis = await RedisServer.StartAsync());
}

[CollectionDefinition(Name)]
public sealed class SqliteGroup : ICollectionFixture<SqliteKrewe>
{
    public const string Name = "sqlite";
}

[CollectionDefinition(Name)]
public sealed class RedisGroup : ICollectionFixture<RedisKrewe>
{
    public const string Name = "redis";
}

/// <summary>Short words for tests on a shared silo.</summary>
public abstract class KreweTests(SharedKrewe krewe)
{
    protected KreweHost Silo => krewe.Silo;

    protected IJobClient Jobs => krewe.Silo.Jobs;

    protected Scripts Scripts => krewe.Silo.Setup.Scripts;

    protected EventProbe Events => krewe.Silo.Setup.Events;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Enqueues a job whose handler does this.</summary>
    protected Task<JobHandle<string?>> EnqueueAsync(Func<JobContext, CancellationToken, Task<string?>> body, EnqueueOptions? options = null) => Jobs.EnqueueAsync(Scripts.Add(body), options, Cancellation);

    /// <summary>Enqueues a job whose handler does this at once.</summary>
    protected Task<JobHandle<string?>> EnqueueAsync(Func<JobContext, string?> body, EnqueueOptions? options = null) => Jobs.EnqueueAsync(Scripts.Add(body), options, Cancellation);

    protected Task<JobHandle<string?>> EnqueueAsync(Scripted job, EnqueueOptions? options = null) => Jobs.EnqueueAsync(job, options, Cancellation);

    /// <summary>Enqueues a job that waits at a gate; comes back when it runs.</summary>
    protected async Task<(JobHandle<string?> Handle, Gate Gate)> RunAtGateAsync(EnqueueOptions? options = null)
    {
        var gate = new Gate();
        var handle = await EnqueueAsync(
            async (_, token) =>
            {
                await gate.PassAsync(token);
                return "passed";
            },
            options);
        await gate.ArrivedAsync();
        return (handle, gate);
    }

    /// <summary>Waits until an instant has come by the clock of the engine: a job that was due then has run.</summary>
    protected async Task UntilAsync(DateTimeOffset instant) => await (await EnqueueAsync(_ => "now", new EnqueueOptions { NotBefore = instant })).EndAsync();

    /// <summary>Retries at once, so that tests do not wait.</summary>
    protected static RetryPolicy AtOnce { get; } = RetryPolicy.Fixed(TimeSpan.Zero);
}
