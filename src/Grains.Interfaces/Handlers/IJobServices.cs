using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Krewe;

/// <summary>Brings the services that the handlers of an assembly need into a silo that loads it with <c>--jobs</c>.</summary>
/// <remarks>Every class of the assembly that implements this is made once, with its public constructor without parameters, before the silo starts. A program that hosts its own silo registers services as usual and needs none of it.</remarks>
public interface IJobServices
{
    /// <summary>Registers services.</summary>
    /// <param name="services">The silo's; handlers are resolved from them, in a scope per attempt.</param>
    /// <param name="configuration">The silo's: <c>appsettings.json</c> of the working directory, environment variables and flags.</param>
    void Configure(IServiceCollection services, IConfiguration configuration);
}
