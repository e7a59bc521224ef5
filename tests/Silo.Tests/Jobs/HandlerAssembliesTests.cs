using Krewe.Hosting;
using Krewe.Jobs;
using Krewe.Silo.Tests.Processes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Silo.Tests.Jobs;

public sealed class HandlerAssembliesTests
{
    [Fact]
    public void Load_WhenCopiesOfTheContractsLieBeside_TakesTheHosts()
    {
        var assembly = HandlerAssemblies.Load(SiloProcess.Handlers);

        var handler = assembly.GetType(typeof(EchoHandler).FullName!)!;
        Assert.NotEqual(typeof(EchoHandler), handler);
        Assert.Same(typeof(IJobHandler<,>), handler.GetInterfaces()[0].GetGenericTypeDefinition());
        Assert.NotSame(typeof(FactAttribute), assembly.GetType(typeof(HandlerAssembliesTests).FullName!)!.GetMethods()[0].GetCustomAttributes(false)[0].GetType());
    }

    [Fact]
    public void AddServices_WhenAssemblyBringsSome_RegistersThem()
    {
        var services = new ServiceCollection();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Test:Prefix", "p")]).Build();

        HandlerAssemblies.AddServices(typeof(EchoServices).Assembly, services, configuration);

        Assert.Equal(new EchoPrefix("p"), services.BuildServiceProvider().GetRequiredService<EchoPrefix>());
    }

    [Fact]
    public void Load_WhenFileIsMissing_SaysWhere()
    {
        var file = Path.GetFullPath("missing.dll");

        Assert.Equal($"There is no handler assembly {file}; build it, or give another file with --jobs.", Assert.Throws<SiloStartException>(() => HandlerAssemblies.Load("missing.dll")).Message);
    }

    [Fact]
    public void Load_WhenFileIsNoAssembly_SaysSo()
    {
        var file = Path.GetTempFileName();
        try
        {
            Assert.StartsWith($"{file} is not a .NET assembly that this runtime reads;", Assert.Throws<SiloStartException>(() => HandlerAssemblies.Load(file)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Load_WhenThereAreNoHandlers_SaysWhatWasExpected()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Spectre.Console.dll");

        Assert.Equal(
            $"{file} has no job handlers; expected a class that implements IJobHandler<TJob> or IJobHandler<TJob, TResult> of Krewe.Grains.Interfaces.",
            Assert.Throws<SiloStartException>(() => HandlerAssemblies.Load(file)).Message);
    }
}
