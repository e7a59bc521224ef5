using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Krewe.Chaos.Jobs;

/// <summary>What a silo that loads this assembly with <c>--jobs</c> needs for its handlers.</summary>
internal sealed class ChaosServices : IJobServices
{
    public void Configure(IServiceCollection services, IConfiguration configuration) => services.AddSingleton<ExecutionLedger>();
}
