namespace Krewe.Storage;

/// <summary>What an <see cref="IFlowStore"/> takes. Every store checks an append here, before it writes anything.</summary>
internal static class FlowLimits
{
    /// <summary>Characters of an id.</summary>
    internal const int MaxIdLength = 128;

    /// <summary>Entries of one append.</summary>
    internal const int MaxEntries = 64;

    /// <summary>Bytes of the entries of one append, and of a page, unless it is a single one.</summary>
    internal const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Bytes of a head's summary.</summary>
    internal const int MaxSummaryBytes = 16 * 1024;

    /// <summary>Whether a text is a flow's id.</summary>
    internal static bool IsId(string id) =>
        id.Length is > 0 and <= MaxIdLength && id.All(static character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-');

    /// <summary>Checks an append.</summary>
    /// <exception cref="ArgumentException">The contract does not allow it; the message says why.</exception>
    internal static void Check(string id, long expectedLength, FlowHead head, IReadOnlyList<byte[]> entries)
    {
        var bytes = entries.Sum(static entry => (long)entry.Length);
        var error = (head, entries.Count) switch
        {
            _ when !IsId(id) => $"an id has 1..{MaxIdLength} characters of A-Z a-z 0-9 . _ -",
            _ when expectedLength < 0 => $"a log has 0 entries or more, got {expectedLength}",
            ({ IsOpen: true, Ttl: not null }, _) => "only a flow that is not open has a time to live",
            ({ Ttl: { } ttl }, _) when ttl <= TimeSpan.Zero => $"a time to live is above zero, got {ttl}",
            ({ Summary.Length: > MaxSummaryBytes }, _) => $"a summary has at most {MaxSummaryBytes} bytes, got {head.Summary.Length}",
            (_, > MaxEntries) => $"an append has at most {MaxEntries} entries, got {entries.Count}",
            (_, > 1) when bytes > MaxBytes => $"entries have at most {MaxBytes} bytes in all unless there is a single one, got {bytes}",
            _ => null,
        };
        if (error is not null)
        {
            throw new ArgumentException($"The append to flow '{id}' cannot be taken: {error}.");
        }
    }
}
