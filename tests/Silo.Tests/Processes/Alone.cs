using Xunit;

namespace Krewe.Silo.Tests.Processes;

/// <summary>Tests whose waits tell something: they run one after another, when all others are done.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
