namespace Krewe.Storage;

/// <summary>Steps that arrive while a commit is under way travel together in the next one: cost per job falls as load rises, and a lone job is never delayed.</summary>
/// <remarks>
/// Runs on its owner's scheduler: not thread-safe, no locks. At most one commit is in flight; entries keep their order, so positions given in order are
/// stored in order. When a commit fails, its entries and all that wait fail with the same exception: whether it was carried out is unknown, so nothing may
/// be built upon it until the owner has read the partition anew.
/// </remarks>
internal sealed class GroupCommit(Func<IReadOnlyList<JobStep>, Task<StepAnswer[]>> commit)
{
    /// <summary>Steps in one commit.</summary>
    internal const int MaxSteps = 256;

    /// <summary>Bytes of args and results in one commit of more than one entry.</summary>
    internal const int MaxBytes = 1024 * 1024;

    private readonly Queue<Entry> _waiting = new();
    private bool _isRunning;

    /// <summary>Commits steps, together with whatever else waits.</summary>
    /// <param name="steps">At most <see cref="MaxSteps"/>; with none, it ends when all that came before has.</param>
    /// <returns>An answer per step, in order.</returns>
    internal Task<StepAnswer[]> CommitAsync(IReadOnlyList<JobStep> steps)
    {
        var entry = new Entry(steps);
        _waiting.Enqueue(entry);
        if (!_isRunning)
        {
            _ = RunAsync();
        }

        return entry.Completion.Task;
    }

    private async Task RunAsync()
    {
        _isRunning = true;
        try
        {
            while (_waiting.Count > 0)
            {
                await CommitOnceAsync(TakeBatch());
            }
        }
        finally
        {
            _isRunning = false;
        }
    }

    private List<Entry> TakeBatch()
    {
        var batch = new List<Entry> { _waiting.Dequeue() };
        var (steps, bytes) = (batch[0].Steps.Count, batch[0].Bytes);
        while (_waiting.TryPeek(out var next) && steps + next.Steps.Count <= MaxSteps && bytes + next.Bytes <= MaxBytes)
        {
            batch.Add(_waiting.Dequeue());
            (steps, bytes) = (steps + next.Steps.Count, bytes + next.Bytes);
        }

        return batch;
    }

    private async Task CommitOnceAsync(List<Entry> batch)
    {
        try
        {
            if (batch.Count == 1)
            {
                batch[0].Completion.SetResult(await SendAsync(batch[0].Steps));
                return;
            }

            var steps = new List<JobStep>(MaxSteps);
            batch.ForEach(entry => steps.AddRange(entry.Steps));
            var answers = await SendAsync(steps);
            var from = 0;
            foreach (var entry in batch)
            {
                entry.Completion.SetResult(answers[from..(from += entry.Steps.Count)]);
            }
        }
        catch (Exception exception) when (exception is StoreUnavailableException or StaleEpochException or StoreRolledBackException)
        {
            FailAll(batch, exception);
        }
        catch (Exception exception)
        {
            FailAll(batch, new StoreUnavailableException("The store failed in an unexpected way; the silo's log tells more.", exception));
        }
    }

    private Task<StepAnswer[]> SendAsync(IReadOnlyList<JobStep> steps) => steps.Count == 0 ? Task.FromResult<StepAnswer[]>([]) : commit(steps);

    private void FailAll(List<Entry> batch, Exception exception)
    {
        while (_waiting.TryDequeue(out var entry))
        {
            batch.Add(entry);
        }

        batch.ForEach(entry => entry.Completion.TrySetException(exception));
    }

    private sealed class Entry(IReadOnlyList<JobStep> steps)
    {
        public IReadOnlyList<JobStep> Steps { get; } = steps;

        public int Bytes { get; } = steps.Sum(step => step.Record is { } record ? record.Args.Length + (record.Result?.Length ?? 0) : 0);

        public TaskCompletionSource<StepAnswer[]> Completion { get; } = new();
    }
}
