using System.Collections.Concurrent;
using Krewe.Execution;
using Krewe.Queues;

namespace Krewe.Dispatch;

/// <summary>Takes handlers' progress to their jobs' owners: the latest of each job, twice a second at most. The last one travels with the outcome in any case.</summary>
internal sealed class ProgressRelay(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentQueue<(ClaimedJob Job, AttemptControl Control)> _fresh = new();
    private int _isSending;

    /// <summary>Levers that tell this relay when there is something new.</summary>
    public AttemptControl NewControl(ClaimedJob job)
    {
        AttemptControl? control = null;
        return control = new AttemptControl { ProgressReported = () => Reported(job, control!) };
    }

    private void Reported(ClaimedJob job, AttemptControl control)
    {
        _fresh.Enqueue((job, control));
        if (Interlocked.Exchange(ref _isSending, 1) == 0)
        {
            _ = SendAsync();
        }
    }

    private async Task SendAsync()
    {
        await Task.Yield();
        do
        {
            var notes = new Dictionary<PartitionKey, List<ProgressNote>>();
            while (_fresh.TryDequeue(out var entry))
            {
                if (entry.Control.TakeProgress() is { } progress)
                {
                    if (!notes.TryGetValue(entry.Job.Partition, out var list))
                    {
                        notes[entry.Job.Partition] = list = [];
                    }

                    list.Add(new ProgressNote(entry.Job.Record.Id, entry.Job.Token, progress));
                }
            }

            foreach (var (partition, list) in notes)
            {
                grains.GetGrain<IDispatchGrain>(partition.ToString()).ProgressAsync([.. list]).Ignore();
            }

            await Task.Delay(Interval, time);
            Interlocked.Exchange(ref _isSending, 0);
        }
        while (!_fresh.IsEmpty && Interlocked.Exchange(ref _isSending, 1) == 0);
    }
}
