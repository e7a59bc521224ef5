using System.Globalization;
using Krewe;
using Krewe.BulkClient;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// A client in a process of its own, for tests that kill it while it enqueues.
if (args is not [var gateway, var ledger, var text, var kind] || !int.TryParse(text, CultureInfo.InvariantCulture, out var count))
{
    await Console.Error.WriteLineAsync("Usage: Krewe.BulkClient HOST:PORT LEDGER COUNT bulk|ids");
    return 2;
}

var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
builder.Services.AddKreweClient(client => client.UseGateways(gateway));
using var host = builder.Build();
await host.StartAsync();
var client = host.Services.GetRequiredService<IJobClient>();
var jobs = Enumerable.Range(0, count).Select(number => new NotedNumber(ledger, Number: number));
await (kind == "ids"
    ? Parallel.ForEachAsync(jobs, async (job, token) => await client.EnqueueAsync(job, new EnqueueOptions { Id = job.Id }, token))
    : client.EnqueueManyAsync(jobs));
await host.StopAsync();
return 0;
