using Krewe.Shop;
using Krewe.Shop.Films;
using Krewe.Shop.Gateway;
using Spectre.Console;

namespace Krewe.Demo;

/// <summary>A day of the film shop: its payment gateway, its jobs, and the screen that shows them.</summary>
internal sealed class DemoShop : IAsyncDisposable
{
    private readonly PaymentGateway _gateway;
    private readonly ShopOptions _folders;

    private DemoShop(PaymentGateway gateway, ShopOptions folders) => (_gateway, _folders) = (gateway, folders);

    /// <summary>Starts the payment gateway, which keeps its books over a restart.</summary>
    public static async Task<DemoShop> OpenAsync()
    {
        var folders = new ShopOptions { OutputDirectory = Path.GetFullPath("krewe-demo") };
        return new(await PaymentGateway.StartAsync(folders.GatewayLedgerFile), folders);
    }

    /// <summary>Registers what the shop's handlers are built from.</summary>
    public void AddTo(IServiceCollection services) => services.AddShop(options => (options.OutputDirectory, options.GatewayUrl) = (_folders.OutputDirectory, _gateway.Url));

    /// <summary>Enqueues today's jobs and flows and shows them until the last one is final. What an earlier run has enqueued is shown as it is.</summary>
    public async Task RunAsync(IServiceProvider services, string url)
    {
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var today = DateOnly.FromDateTime(services.GetRequiredService<TimeProvider>().GetLocalNow().DateTime);
        var client = services.GetRequiredService<IJobClient>();
        var screen = new DemoScreen(DemoScreen.Console());
        try
        {
            var jobs = await Task.WhenAll(new ShopDay(today).Select(async entry => await client.EnqueueAsync(entry.Job, entry.Options, stopping)));
            var flows = await Task.WhenAll(new ShopFlows(today, services.GetRequiredService<FilmCatalogue>()).Select(async entry => await client.EnqueueAsync(entry.Flow, entry.Options, stopping)));
            screen.Begin(today, jobs.Length, jobs.Count(job => job.IsExisting));
            screen.BeginFlows(flows.Length, flows.Count(flow => flow.IsExisting));
            await screen.FollowAsync([.. jobs.Select(job => job.WaitAsync(cancellationToken: stopping))]);
            screen.Show(await Task.WhenAll(jobs.Select(async job => new DemoRow(job.IsExisting, await job.GetInfoAsync(stopping)))));
            await screen.FollowAsync([.. flows.Select(flow => EndAsync(flow, stopping))], "flows");
            screen.ShowFlows(await Task.WhenAll(flows.Select(async flow => new DemoFlowRow(flow.IsExisting, await flow.GetInfoAsync(stopping)))));
            screen.End(_folders, today, url);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped before the day was over; the next run carries on with what is left.
        }
    }

    /// <summary>Waits until all jobs of a flow have ended, its callbacks included.</summary>
    private static async Task<JobState> EndAsync(FlowHandle flow, CancellationToken cancellationToken)
    {
        await foreach (var _ in flow.EndedMembersAsync(cancellationToken))
        {
        }

        return await flow.WaitAsync(cancellationToken: cancellationToken);
    }

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();
}
