namespace Krewe.Flows;

/// <summary>What an event makes a <see cref="FlowPlan"/> want done. Doing it twice does it once.</summary>
/// <param name="Start">Jobs to enqueue, or to redrive where they ran before, each with the job whose end called for it (-1: none).</param>
/// <param name="Cancel">Jobs to cancel.</param>
internal sealed record FlowActs(IReadOnlyList<(int Job, int Cause)> Start, IReadOnlyList<int> Cancel);
