using System.Reflection;
using Krewe.Execution;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Krewe.Grains.Tests.Execution;

public sealed class HandlerScanTests
{
    [Fact]
    public void Handlers_WhenAssemblyHoldsAllKinds_FindsPublicAndInternalConcreteOnes()
    {
        var found = HandlerScan.Handlers(typeof(HandlerScanTests).Assembly, NullLogger.Instance, out var problem);

        Assert.Null(problem);
        Assert.Contains(typeof(ScriptedHandler), found);
        Assert.Contains(typeof(WrongHandlers.First), found);
        Assert.Contains(typeof(WrongHandlers.Open<>), found);
        Assert.DoesNotContain(typeof(WrongHandlers.AbstractHandler), found);
        Assert.DoesNotContain(typeof(HiddenHandler), found);
    }

    [Fact]
    public void Registry_WhenAssemblyHasNoHandlers_SaysSo()
    {
        var refused = Refused(typeof(CsCheck.Check).Assembly);

        Assert.Equal(
            "The assembly CsCheck must hold at least one public or internal class that implements IJobHandler<TJob> or IJobHandler<TJob, TResult>, got none; name another assembly, or leave it out.",
            Assert.Single(refused.Problems));
    }

    [Fact]
    public void Registry_WhenAnUnhandledJobHasTheNameOfAHandledOne_RefusesBoth()
    {
        var refused = Refused(new PartialAssembly([typeof(WrongHandlers.First), typeof(WrongHandlers.SameName)], []));

        Assert.Contains("The job name 'test.wrong.first' must belong to one type, got Krewe.Grains.Tests.Execution.WrongHandlers.FirstJob and Krewe.Grains.Tests.Execution.WrongHandlers.SameName", Assert.Single(refused.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Registry_WhenTypesCannotBeLoaded_TakesTheOthersAndLogsWhatIsMissing()
    {
        var setup = new RigSetup();
        setup.Registrations.Assemblies.Add(new PartialAssembly([typeof(SeveralHandler), null], [new FileNotFoundException("x", "Stripe.Net, Version=1.0.0.0")]));
        using var services = setup.Build();

        var registry = services.GetRequiredService<HandlerRegistry>();

        Assert.True(registry.TryFind("test.several.a", out _));
        Assert.Contains(setup.LogLines, line => line.StartsWith("Warning Krewe.Execution.HandlerCollector: Types of Partial were skipped in the search for handlers: the assembly 'Stripe.Net, Version=1.0.0.0' is missing.", StringComparison.Ordinal));
    }

    [Fact]
    public void Registry_WhenNoHandlerCouldBeLoaded_NamesTheMissingAssembly()
    {
        var refused = Refused(new PartialAssembly([null], [new FileNotFoundException("x", "Stripe.Net, Version=1.0.0.0")]));

        Assert.EndsWith("got none; types of it could not be loaded: the assembly 'Stripe.Net, Version=1.0.0.0' is missing.", Assert.Single(refused.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Registry_WhenAssemblyIsNamedTwiceAndHandlerOnceMore_HoldsItOnce()
    {
        var setup = new RigSetup();
        var assembly = new PartialAssembly([typeof(SeveralHandler)], []);
        setup.Registrations.Assemblies.AddRange([assembly, assembly]);
        setup.AddJob<SeveralHandler>(options => options.MaxRetries = 1);
        using var services = setup.Build();

        var registry = services.GetRequiredService<HandlerRegistry>();

        Assert.True(registry.TryFind("test.several.b", out var invoker));
        Assert.Equal(1, invoker.Definition.Code!.MaxRetries);
    }

    private static HandlerRegistrationException Refused(Assembly assembly)
    {
        var setup = new RigSetup();
        setup.Registrations.Assemblies.Add(assembly);
        using var services = setup.Build();
        return Assert.Throws<HandlerRegistrationException>(services.GetRequiredService<HandlerRegistry>);
    }

    private sealed class HiddenHandler : WrongHandlers.Handling<WrongHandlers.FirstJob>;

    /// <summary>An assembly of which some types cannot be loaded.</summary>
    private sealed class PartialAssembly(Type?[] types, Exception[] reasons) : Assembly
    {
        public override AssemblyName GetName() => new("Partial");

        public override Type[] GetTypes() => reasons.Length == 0 ? [.. types.OfType<Type>()] : throw new ReflectionTypeLoadException(types, reasons);
    }
}
