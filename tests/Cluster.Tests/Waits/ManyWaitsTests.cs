using System.Diagnostics;
using Krewe.Cluster.Tests.Jobs;
using Krewe.Testing;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Cluster.Tests.Waits;

/// <summary>10,000 callers in several processes wait at once, each for a job of its own.</summary>
public sealed class ManyWaitsTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private const int Waits = 10_000;
    private const int Clients = 4;
    private const int Slots = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Wait_WhenTenThousandWaitAtOnce_EachIsToldItsOwnResult()
    {
        await using var silo = await KreweHost.StartAsync(new KreweSetup { Redis = redis.Server, Krewe = krewe => krewe.AddJob<AddNumbersHandler>(), Options = options => options.Concurrency = Slots });
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => ExternalClient.ToAsync(silo)));
        var gate = new Gate();
        var held = silo.Setup.Scripts.Add(async (_, token) =>
        {
            await gate.PassAsync(token);
            return null;
        });
        await silo.Jobs.EnqueueManyAsync(Enumerable.Repeat(held, Slots), new EnqueueOptions { Priority = 9 }, Cancellation);
        await gate.ArrivedAsync(Slots);
        var handles = await silo.Jobs.EnqueueManyAsync(Enumerable.Range(0, Waits).Select(number => new AddNumbers(number, 1)), cancellationToken: Cancellation);

        // Nothing can run: all of them wait before the first ends.
        var waits = handles.Select((handle, index) => clients[index % Clients].Jobs.GetHandle<int>(handle.Id).GetResultAsync(Patience, Cancellation)).ToList();
        foreach (var client in clients)
        {
            // A wait that comes last is answered after those before it were taken up by the owners.
            await Assert.ThrowsAsync<TimeoutException>(() => client.Jobs.GetHandle<int>(handles[0].Id).GetResultAsync(Some.Moment, Cancellation));
        }

        Assert.DoesNotContain(waits, wait => wait.IsCompleted);
        var started = Stopwatch.GetTimestamp();
        gate.Open();
        var results = await Task.WhenAll(waits);
        var taken = Stopwatch.GetElapsedTime(started);

        TestContext.Current.TestOutputHelper?.WriteLine($"{Waits} waits of {Clients} clients answered in {taken.TotalSeconds:N1} s");
        Assert.Equal(Enumerable.Range(1, Waits), results);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task Wait_WhenTenThousandWaitForOneJob_AllAreTold()
    {
        await using var silo = await KreweHost.StartAsync(new KreweSetup { Redis = redis.Server });
        await using var client = await ExternalClient.ToAsync(silo);
        var gate = new Gate();
        var handle = await silo.Jobs.EnqueueAsync(
            silo.Setup.Scripts.Add(async (_, token) =>
            {
                await gate.PassAsync(token);
                return "passed";
            }),
            cancellationToken: Cancellation);
        await gate.ArrivedAsync();
        var waits = Enumerable.Range(0, Waits).Select(_ => client.Jobs.GetHandle<string>(handle.Id).ResultAsync()).ToList();

        gate.Open();

        Assert.All(await Task.WhenAll(waits), result => Assert.Equal("passed", result));
    }
}
