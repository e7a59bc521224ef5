using System.Reflection;
using Krewe.Queues;

namespace Krewe.Silo.Tests.Api;

/// <summary>A grain factory that has one grain: the catalogue, which knows the names it is given.</summary>
public class FakeGrains : DispatchProxy
{
    private readonly HashSet<string> _names = [];

    public int Asked { get; private set; }

    /// <summary>Makes a factory whose catalogue knows some names.</summary>
    public static (IGrainFactory Factory, FakeGrains Fake) With(params string[] names)
    {
        var factory = Create<IGrainFactory, FakeGrains>();
        var fake = (FakeGrains)(object)factory;
        fake._names.UnionWith(names);
        return (factory, fake);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.ReturnType == typeof(ICatalogueGrain))
        {
            var catalogue = Create<ICatalogueGrain, FakeCatalogue>();
            ((FakeCatalogue)(object)catalogue).Owner = this;
            return catalogue;
        }

        throw new NotSupportedException(targetMethod.Name);
    }

    public class FakeCatalogue : DispatchProxy
    {
        public FakeGrains Owner { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Owner.Asked++;
            return targetMethod!.Name == nameof(ICatalogueGrain.IsNameDeclaredAsync) ? Task.FromResult(Owner._names.Contains((string)args![0]!)) : throw new NotSupportedException(targetMethod.Name);
        }
    }
}
