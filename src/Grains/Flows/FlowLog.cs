using Krewe.Storage;

namespace Krewe.Flows;

/// <summary>Appends to one flow's log, in groups: what comes while an append is under way goes with the next one.</summary>
/// <remarks>An append that fails, or that meets another writer's entries, ends it (<see cref="IsVoid"/>): whether it was taken only the store can tell, so the flow is read anew.</remarks>
/// <param name="id">The flow.</param>
/// <param name="length">Entries that the log has.</param>
/// <param name="head">The flow's head, asked for as each append is made.</param>
/// <param name="services">The store among them.</param>
internal sealed class FlowLog(string id, long length, Func<FlowHead> head, FlowServices services)
{
    private readonly List<(byte[]? Entry, TaskCompletionSource? Done)> _queue = [];
    private bool _isWriting;

    /// <summary>Whether nothing can be written any more.</summary>
    internal bool IsVoid { get; private set; }

    internal void Void() => IsVoid = true;

    /// <summary>Puts an entry into the queue that the next write takes along.</summary>
    internal void Add(byte[] entry) => _queue.Add((entry, null));

    /// <summary>Writes what is queued, and an entry behind it.</summary>
    /// <param name="entry">Null: none; completes when what was queued before is durable, and fails when that did.</param>
    internal Task WriteAsync(byte[]? entry)
    {
        if (IsVoid)
        {
            return Task.FromException(Moved());
        }

        if (entry is null && !_isWriting && _queue.Count == 0)
        {
            return Task.CompletedTask;
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.Add((entry, done));
        if (!_isWriting)
        {
            _isWriting = true;
            PumpAsync().Ignore();
        }

        return done.Task;
    }

    private async Task PumpAsync()
    {
        while (_queue.Count > 0)
        {
            var batch = Take();
            try
            {
                await AppendAsync([.. batch.Where(static queued => queued.Entry is not null).Select(static queued => queued.Entry!)]);
                batch.ForEach(static written => written.Done?.SetResult());
            }
            catch (Exception exception)
            {
                IsVoid = true; // Broad: whatever it was, it is told to all who wait, and the flow is read anew.
                batch.Concat(_queue).ToList().ForEach(failed => failed.Done?.SetException(exception));
                _queue.Clear();
            }
        }

        _isWriting = false;
    }

    private List<(byte[]? Entry, TaskCompletionSource? Done)> Take()
    {
        var (count, entries, bytes) = (0, 0, 0L);
        while (count < _queue.Count)
        {
            var size = _queue[count].Entry?.Length ?? 0;
            if (entries == FlowLimits.MaxEntries || (entries > 0 && bytes + size > FlowLimits.MaxBytes))
            {
                break;
            }

            entries += _queue[count].Entry is null ? 0 : 1;
            bytes += size;
            count++;
        }

        var batch = _queue[..count];
        _queue.RemoveRange(0, count);
        return batch;
    }

    private async Task AppendAsync(byte[][] entries)
    {
        if (entries.Length == 0)
        {
            return;
        }

        switch (await services.Store.AppendAsync(id, length, head(), entries))
        {
            case FlowAppend.Taken:
                length += entries.Length;
                services.Metrics.FlowWritten();
                return;
            case FlowAppend.Full:
                throw QueueFullException.OfStore(id);
            default:
                throw Moved();
        }
    }

    private InvalidOperationException Moved() => new($"The flow '{id}' is written by another activation; ask again.");
}
