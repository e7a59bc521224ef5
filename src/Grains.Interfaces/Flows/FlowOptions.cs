namespace Krewe;

/// <summary>What one enqueue sets for its flow.</summary>
public sealed record FlowOptions
{
    /// <summary>The caller's own id, <c>[A-Za-z0-9._-]</c>, 1..100 characters. A flow of that id that is there already is returned, whatever its steps; null: the client makes one.</summary>
    public string? Id { get; init; }

    /// <summary>What people call it, 1..100 characters; null: nothing.</summary>
    public string? Name { get; init; }

    /// <summary>Headers that every job of the flow has, callbacks included; a step's own header of the same name wins.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Whether a member that does not succeed cancels the other members of its group; default: they run to their end.</summary>
    public bool CancelOnFailure { get; init; }
}
