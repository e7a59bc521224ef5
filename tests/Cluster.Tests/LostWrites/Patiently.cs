using Krewe.Testing;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.LostWrites;

/// <summary>Calls for as long as the store is not back.</summary>
internal static class Patiently
{
    /// <summary>What a caller waits for a refusal at most: the promise is 5 s, the rest is what a busy machine may stand still for. The promise itself is tested of the client, to the tick, and of the store, by the best of three.</summary>
    public static readonly TimeSpan RefusedWithin = TimeSpan.FromSeconds(15);

    /// <summary>Repeats a call until the store answers it.</summary>
    public static async Task<T> AskAsync<T>(Func<Task<T>> call)
    {
        using var timeout = new CancellationTokenSource(Some.Timeout);
        while (true)
        {
            try
            {
                return await call();
            }
            catch (StoreUnavailableException) when (!timeout.IsCancellationRequested)
            {
                await Task.Delay(Some.Moment, TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>Enqueues a job, again and again under one id until it is stored.</summary>
    public static Task<JobHandle<string?>> EnqueueAsync(KreweHost silo, Scripted job)
    {
        var options = new EnqueueOptions { Id = Some.Key("patient") };
        return AskAsync(() => silo.Jobs.EnqueueAsync(job, options, TestContext.Current.CancellationToken));
    }

    /// <summary>Enqueues a job and waits for its result: whoever owns its partition has written to it.</summary>
    public static async Task RunAnotherAsync(KreweHost silo) => Assert.Equal("another", await (await EnqueueAsync(silo, silo.Setup.Scripts.Add(_ => "another"))).ResultAsync());
}
