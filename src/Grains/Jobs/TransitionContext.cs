namespace Krewe.Jobs;

/// <summary>What a transition needs beside the record.</summary>
/// <param name="Now">The owner's clock.</param>
/// <param name="Jitter">Uniform in [0, 1).</param>
/// <param name="MaxDeliveries">Silos that may die under a suspect.</param>
/// <param name="FailureTtl">How long dead letters are kept.</param>
/// <param name="Worker">With an outcome: the name of the silo that told it.</param>
internal readonly record struct TransitionContext(DateTimeOffset Now, double Jitter, int MaxDeliveries, TimeSpan FailureTtl, string? Worker = null);
