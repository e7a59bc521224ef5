using System.Reflection;
using System.Text;
using Krewe.Flows;
using Krewe.Queues;

namespace Krewe.Silo.Tests.Api;

/// <summary>A grain factory that has a catalogue, which knows the names it is given and the queue <c>default</c>, and flows, which have results.</summary>
public class FakeGrains : DispatchProxy
{
    private readonly HashSet<string> _names = [];

    public int Asked { get; private set; }

    /// <summary>How many calls to the catalogue fail first, as they do while its silo is not known to be dead.</summary>
    public int CatalogueFailures { get; set; }

    /// <summary>The pages of flows' results by flow.</summary>
    public Dictionary<string, string[]> Results { get; } = [];

    /// <summary>Thrown by reading a flow's result while it is set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Makes a factory whose catalogue knows some names.</summary>
    public static (IGrainFactory Factory, FakeGrains Fake) With(params string[] names)
    {
        var factory = Create<IGrainFactory, FakeGrains>();
        var fake = (FakeGrains)(object)factory;
        fake._names.UnionWith(names);
        return (factory, fake);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.ReturnType switch
    {
        var grain when grain == typeof(ICatalogueGrain) => Make<ICatalogueGrain>((method, sent) =>
        {
            Asked++;
            return method switch
            {
                nameof(ICatalogueGrain.IsNameDeclaredAsync) when CatalogueFailures-- > 0 => Task.FromException<bool>(new SiloUnavailableException("The silo died.\n   at Orleans")),
                nameof(ICatalogueGrain.IsNameDeclaredAsync) => Task.FromResult(_names.Contains((string)sent[0]!)),
                nameof(ICatalogueGrain.GetQueuesAsync) => Task.FromResult(new Dictionary<string, int> { ["default"] = 1 }),
                nameof(ICatalogueGrain.CreateQueueAsync) => Task.FromException<int>(new UnknownQueueException((string)sent[0]!)),
                _ => throw new NotSupportedException(method),
            };
        }),
        var grain when grain == typeof(IQueueGrain) => Make<IQueueGrain>(static (method, _) => throw new NotSupportedException(method)),
        var grain when grain == typeof(IChordGrain) => Make<IChordGrain>((method, sent) => method == nameof(IChordGrain.ReadResultAsync)
            ? ReadResultAsync((string)args![0]!, (int)sent[0]!)
            : throw new NotSupportedException(method)),
        _ => throw new NotSupportedException(targetMethod.Name),
    };

    private Task<FlowResultPage?> ReadResultAsync(string flowId, int from) => Failure is not null
        ? Task.FromException<FlowResultPage?>(Failure)
        : Task.FromResult(Results.TryGetValue(flowId, out var pages) ? new FlowResultPage(Encoding.UTF8.GetBytes(pages[from]), from + 1 < pages.Length ? from + 1 : -1) : null);

    private static object Make<TGrain>(Func<string, object?[], object?> answer)
        where TGrain : class
    {
        var grain = Create<TGrain, FakeGrain>();
        ((FakeGrain)(object)grain).Answer = answer;
        return grain;
    }

    public class FakeGrain : DispatchProxy
    {
        public Func<string, object?[], object?> Answer { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Answer(targetMethod!.Name, args ?? []);
    }
}
