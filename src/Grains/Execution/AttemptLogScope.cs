using System.Collections;
using System.Globalization;

namespace Krewe.Execution;

/// <summary>What every log line of a handler carries. One object per attempt, read only when a line is written.</summary>
internal sealed class AttemptLogScope(Attempt attempt) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => 4;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new("JobId", attempt.JobId),
        1 => new("JobName", attempt.Job.Record.Name),
        2 => new("Queue", attempt.Job.Partition.Queue),
        3 => new("Attempt", attempt.Job.Attempt),
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, $"The scope has 4 values, got index {index}."),
    };

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var index = 0; index < Count; index++)
        {
            yield return this[index];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"JobId:{attempt.JobId} JobName:{attempt.Job.Record.Name} Queue:{attempt.Job.Partition.Queue} Attempt:{attempt.Job.Attempt}");
}
