using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.LostWrites;

/// <summary>A job whose handler runs and waits at a gate.</summary>
internal sealed record GatedJob(KreweHost Silo, Scripted Job, JobHandle<string?> Handle, Gate Gate)
{
    /// <summary>The last part of its id, as the store has it.</summary>
    public string Id => Handle.Id[(Handle.Id.LastIndexOf('~') + 1)..];

    /// <summary>How often its handler was started.</summary>
    public int Runs => Silo.Setup.Scripts.RunsOf(Job);

    /// <summary>Enqueues a job and waits until its handler is at the gate.</summary>
    /// <param name="silo">Where it is enqueued.</param>
    /// <param name="options">Of the enqueue.</param>
    /// <param name="before">Done by each attempt before it comes to the gate; null: nothing.</param>
    /// <param name="after">Done by each attempt that was let through; null: nothing.</param>
    public static async Task<GatedJob> StartAsync(KreweHost silo, EnqueueOptions? options = null, Action<JobContext>? before = null, Action? after = null)
    {
        var gate = new Gate();
        var job = silo.Setup.Scripts.Add(async (context, token) =>
        {
            before?.Invoke(context);
            await gate.PassAsync(token);
            after?.Invoke();
            return "passed";
        });
        var handle = await silo.Jobs.EnqueueAsync(job, options, TestContext.Current.CancellationToken);
        await gate.ArrivedAsync();
        return new GatedJob(silo, job, handle, gate);
    }

    /// <summary>Its state as anybody is told, once the store answers again; null: there is no such job.</summary>
    public async Task<JobState?> StateAsync() => (await Patiently.AskAsync(() => Handle.GetInfoAsync(TestContext.Current.CancellationToken)))?.State;

    /// <summary>Opens the gate; its handler must have run this often, and its result arrive.</summary>
    public async Task PassesAsync(int runs = 1)
    {
        Gate.Open();
        Assert.Equal("passed", await Handle.ResultAsync());
        Assert.Equal(runs, Runs);
    }
}
