using System.Collections.Concurrent;
using Krewe.Testing;
using Krewe.Testing.Cluster;
using Krewe.Testing.Events;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.Drain;

/// <summary>A silo that stops loses nothing, spends no attempt, and the next start goes on.</summary>
public sealed class DrainTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("krewe-drain-").FullName;
    private readonly Scripts _scripts = new();
    private readonly EventProbe _events = new();

    private string DataFile => Path.Combine(_folder, "krewe.db");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Stop_WhenAHandlerEndsByItsToken_HandsItsJobBackUnspent()
    {
        var attempts = new ConcurrentQueue<string>();
        var gate = new Gate();
        var job = _scripts.Add(async (context, token) =>
        {
            attempts.Enqueue($"{context.Attempt}");
            await gate.PassAsync(token);
            return $"attempt {context.Attempt}";
        });
        string id;
        await using (var first = await StartAsync())
        {
            id = (await first.Jobs.EnqueueAsync(job, cancellationToken: Cancellation)).Id;
            await gate.ArrivedAsync();
        }

        await _events.Until("job.released", id);
        gate.Open();
        await using var second = await StartAsync();

        Assert.Equal("attempt 1", await second.Jobs.GetHandle<string>(id).ResultAsync());
        Assert.Equal(["1", "1"], attempts);
        var info = await second.Jobs.GetHandle(id).InfoAsync();
        Assert.Equal(0, info.LostDeliveries);
        Assert.Empty(info.Errors);
    }

    [Fact]
    public async Task Stop_WhenHandlersEndWithinTheDrain_TheirResultsAreRecorded()
    {
        var gate = new Gate();
        var job = _scripts.Add(async (_, token) =>
        {
            await gate.PassAsync(token);
            return "in time";
        });
        JobHandle<string?> handle;
        await using (var first = await StartAsync(TimeSpan.FromSeconds(30)))
        {
            handle = await first.Jobs.EnqueueAsync(job, cancellationToken: Cancellation);
            await gate.ArrivedAsync();
            var stopping = first.StopAsync();
            gate.Open();
            await stopping;
        }

        await _events.Until("job.succeeded", handle.Id);
        await using var second = await StartAsync();
        Assert.Equal("in time", await second.Jobs.GetHandle<string>(handle.Id).ResultAsync());
        Assert.Equal(1, _scripts.RunsOf(job));
    }

    [Fact]
    public async Task Stop_WhenAHandlerIgnoresItsToken_TheJobRunsAgainUncharged()
    {
        var stuck = new Gate();
        var runs = 0;
        var job = _scripts.Add(async (context, _) =>
        {
            if (Interlocked.Increment(ref runs) == 1)
            {
                await stuck.PassAsync(CancellationToken.None);
            }

            return $"attempt {context.Attempt}";
        });
        string id;
        await using (var first = await StartAsync())
        {
            id = (await first.Jobs.EnqueueAsync(job, cancellationToken: Cancellation)).Id;
            await stuck.ArrivedAsync();
        }

        await using var second = await StartAsync();

        Assert.Equal("attempt 1", await second.Jobs.GetHandle<string>(id).ResultAsync());
        Assert.Equal(0, (await second.Jobs.GetHandle(id).InfoAsync()).LostDeliveries);
        stuck.Open();
    }

    [Fact]
    public async Task Start_WhenJobsWait_RunsThemWithoutBeingAsked()
    {
        var ran = new Gate();
        var job = _scripts.Add(async (_, _) =>
        {
            await Task.Yield();
            ran.Arrive();
            return "ran";
        });
        await using (var first = await StartAsync(handles: false))
        {
            await first.Jobs.EnqueueAsync(job, cancellationToken: Cancellation);
            await first.Jobs.EnqueueAsync(job, new EnqueueOptions { Delay = Some.Moment }, Cancellation);
        }

        await using var second = await StartAsync();

        await ran.ArrivedAsync(2);
    }

    [Fact]
    public async Task Start_WhenANameWasParked_RunsItOnceSomebodyHandlesIt()
    {
        var job = _scripts.Add(_ => "handled at last");
        JobHandle<string?> handle;
        await using (var first = await StartAsync(handles: false))
        {
            handle = await first.Jobs.EnqueueAsync(job, cancellationToken: Cancellation);
            await _events.Until("job.parked", handle.Id);
            Assert.Equal(1, (await first.Jobs.Queues.ListAsync(Cancellation)).Single(queue => queue.Name == "default").ParkedNames["test.scripted"]);
        }

        await using var second = await StartAsync();

        Assert.Equal("handled at last", await second.Jobs.GetHandle<string>(handle.Id).ResultAsync());
        Assert.Empty((await second.Jobs.Queues.ListAsync(Cancellation)).Single(queue => queue.Name == "default").ParkedNames);
    }

    [Fact]
    public async Task Start_WhenTheProcessBeforeWasKilled_TheClaimIsVoidAndTheJobRunsAgain()
    {
        var gate = new Gate();
        var copy = Path.Combine(_folder, "copy.db");
        var job = _scripts.Add(async (context, token) =>
        {
            await gate.PassAsync(token);
            return $"attempt {context.Attempt}";
        });
        await using var first = await StartAsync();
        var handle = await first.Jobs.EnqueueAsync(job, cancellationToken: Cancellation);
        var once = await first.Jobs.EnqueueAsync(job, new EnqueueOptions { Delivery = Krewe.Delivery.AtMostOnce }, Cancellation);
        await gate.ArrivedAsync(2);
        await _events.Until("job.claimed", handle.Id);
        await _events.Until("job.claimed", once.Id);
        CopyAsAPowerCutWould(DataFile, copy);
        gate.Open();

        // What the file held at that moment is what a killed process leaves.
        await using var second = await StartAsync(dataFile: copy);

        Assert.Equal("attempt 1", await second.Jobs.GetHandle<string>(handle.Id).ResultAsync());
        Assert.Equal(1, (await second.Jobs.GetHandle(handle.Id).InfoAsync()).LostDeliveries);
        var lost = await Assert.ThrowsAsync<JobFailedException>(() => second.Jobs.GetHandle<string>(once.Id).ResultAsync());
        Assert.Equal(("Krewe.WorkerLost", "The silo that ran it died, and it is delivered at most once."), (lost.ErrorType, lost.ErrorMessage));
    }

    private static void CopyAsAPowerCutWould(string file, string copy)
    {
        foreach (var part in new[] { "", "-wal" })
        {
            using var from = new FileStream(file + part, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var to = File.Create(copy + part);
            from.CopyTo(to);
        }
    }

    private Task<KreweHost> StartAsync(TimeSpan? drain = null, bool handles = true, string? dataFile = null) => KreweHost.StartAsync(new KreweSetup
    {
        DataFile = dataFile ?? DataFile,
        Scripts = _scripts,
        Events = _events,
        HandlesScripted = handles,
        Krewe = krewe => krewe.AddJob<Jobs.AddNumbersHandler>(),
        Options = options => options.Drain = drain ?? TimeSpan.Zero,
    });
}
