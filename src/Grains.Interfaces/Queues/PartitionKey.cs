using System.Globalization;

namespace Krewe.Queues;

/// <summary>One partition of a queue; its text form <c>&lt;queue&gt;~&lt;partition&gt;</c> is the key of its <see cref="IQueueGrain"/>.</summary>
[GenerateSerializer, Immutable, Alias("krewe.partition-key")]
internal readonly record struct PartitionKey([property: Id(0)] string Queue, [property: Id(1)] int Partition)
{
    /// <summary>The full id of a job of this partition.</summary>
    internal string JobId(string id) => JobIds.Format(Queue, Partition, id);

    internal static PartitionKey Parse(string text)
    {
        var at = text.LastIndexOf('~');
        return new(text[..at], int.Parse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Queue}~{Partition}");
}
