using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Krewe.Silo.Tests.Processes;

// This assembly is itself the handler assembly that the silo processes of these tests load, with copies of all of Krewe beside it.

[Job("test.echo")]
public sealed record Echo(string Text) : IJob<string>;

public sealed class EchoHandler(EchoPrefix prefix) : IJobHandler<Echo, string>
{
    public Task<string> HandleAsync(Echo job, JobContext context, CancellationToken cancellationToken) => Task.FromResult($"{prefix.Text}{job.Text}");
}

[Job("test.wait", MaxRetries = 0)]
public sealed record Wait : IJob;

public sealed class WaitHandler : IJobHandler<Wait>
{
    public Task HandleAsync(Wait job, JobContext context, CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
}

public sealed record EchoPrefix(string Text);

public sealed class EchoServices : IJobServices
{
    public void Configure(IServiceCollection services, IConfiguration configuration) => services.AddSingleton(new EchoPrefix(configuration["Test:Prefix"] ?? ""));
}
