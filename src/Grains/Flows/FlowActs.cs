namespace Krewe.Flows;

/// <summary>What a <see cref="FlowPlan"/> wants done. Doing it twice does it once.</summary>
internal sealed class FlowActs
{
    /// <summary>Jobs to enqueue, or to redrive where they ran before, each with the job whose end called for it (-1: none).</summary>
    internal List<(int Job, int Cause)> Start { get; } = [];

    /// <summary>Jobs to cancel.</summary>
    internal List<int> Cancel { get; } = [];

    internal bool IsEmpty => Start.Count == 0 && Cancel.Count == 0;

    internal void Clear()
    {
        Start.Clear();
        Cancel.Clear();
    }
}
