namespace Krewe.Load.Jobs;

/// <summary>The body of a chord: reads the results of the header, and notes that it ran.</summary>
/// <param name="Members">How many results there must be.</param>
[Job(Tally.Name, MaxRetries = 0)]
internal sealed record Tally(int Members) : IJob<int>, IReceives<int[]>
{
    internal const string Name = "load.tally";
}

/// <summary>Fails where a result is missing.</summary>
internal sealed class TallyHandler(StartLedger ledger) : IJobHandler<Tally, int>
{
    public Task<int> HandleAsync(Tally job, JobContext context, CancellationToken cancellationToken)
    {
        ledger.BodyStarted();
        return context.Input<int[]>() is { } results && results.Length == job.Members
            ? Task.FromResult(results.Length)
            : throw context.Fail($"The body must get {job.Members} results, got another number; the figure is void.");
    }
}
