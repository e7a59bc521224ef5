using Krewe.Flows;

namespace Krewe;

/// <summary>Begins a chord: a header of members that run side by side, and a body that runs once on all of their results.</summary>
/// <inheritdoc cref="Group" path="/remarks"/>
/// <example><code>
/// var report = Chord.Of(genres.Select(genre => new SumTakings(genre)))
///     .Then(new WriteReport("2026-11-23"))
///     .OnError(new AlertAccounts());
/// FlowHandle&lt;ReportFile&gt; handle = await jobs.EnqueueAsync(report);
/// </code></example>
public static class Chord
{
    /// <summary>The header of a chord, of members with one type of result.</summary>
    /// <typeparam name="T">Each member's result; the body's input is an array of them.</typeparam>
    /// <param name="header">Jobs or flows; may be lazy; empty: the body runs with an empty array.</param>
    public static ChordHeader Of<T>(params IEnumerable<IFlowStep<T>> header) => new(Group.Of(header));

    /// <summary>The header of a chord, of members of any kind.</summary>
    /// <inheritdoc cref="Of{T}(IEnumerable{IFlowStep{T}})"/>
    public static ChordHeader Of(params IEnumerable<IFlowStep> header) => new(Group.Of(header));

    /// <summary>The header of a chord, of members that come asynchronously.</summary>
    /// <typeparam name="T">Each member's result; the body's input is an array of them.</typeparam>
    /// <param name="header">Jobs or flows; read once per enqueue. May let wait for as long as the client lives.</param>
    public static ChordHeader Of<T>(IAsyncEnumerable<IFlowStep<T>> header) => new(Group.Of(header));

    /// <summary>The header of a chord, of members of any kind that come asynchronously.</summary>
    /// <inheritdoc cref="Of{T}(IAsyncEnumerable{IFlowStep{T}})"/>
    public static ChordHeader Of(IAsyncEnumerable<IFlowStep> header) => new(Group.Of(header));

    internal static Chord<TBody> Make<TBody>(Flow header, IFlowStep body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return new(new ChordShape(header, body), FlowCallbacks.None);
    }
}

/// <summary>The header of a chord that has no body yet, so that it is no flow; <see cref="Then{TBody}(IFlowStep{TBody})"/> makes it one.</summary>
public sealed class ChordHeader
{
    private readonly Flow _members;

    internal ChordHeader(Flow members) => _members = members;

    /// <summary>Makes the chord: the body runs once when every member of the header has succeeded.</summary>
    /// <typeparam name="TBody">The body's result.</typeparam>
    /// <param name="body">A job or a flow; its input is the array of the header's results, in the order of the members.</param>
    public Chord<TBody> Then<TBody>(IFlowStep<TBody> body) => Chord.Make<TBody>(_members, body);

    /// <summary>Makes the chord, whose body has no declared result.</summary>
    /// <inheritdoc cref="Then{TBody}(IFlowStep{TBody})"/>
    public Chord<object?> Then(IFlowStep body) => Chord.Make<object?>(_members, body);
}

/// <summary>A header of members that run side by side, and a body that runs once on all of their results. Its result is the body's.</summary>
/// <inheritdoc cref="Chord"/>
/// <remarks>
/// Each member's input is the chord's own; the body's is the array of the members' results, in their order. Where a member does not succeed, the body never runs
/// and the chord ends as that member did; the other members run to their end unless <see cref="FlowOptions.CancelOnFailure"/> is set.
/// </remarks>
/// <typeparam name="T">The body's result.</typeparam>
public sealed class Chord<T> : Flow<T>
{
    private readonly ChordShape _shape;

    internal Chord(ChordShape shape, FlowCallbacks callbacks)
        : base(callbacks) => _shape = shape;

    internal override FlowShape Shape => _shape;

    /// <summary>Attaches a step that runs once when the body has succeeded, with its result as the input. The flow does not wait for it. May be called again for one more.</summary>
    /// <param name="callback">A job or a flow.</param>
    public Chord<T> OnSuccess(IFlowStep callback) => new(_shape, Callbacks.AddOnSuccess(callback));

    /// <summary>Attaches a step that runs once when a member or the body did not succeed, with a <see cref="FlowError"/> of the first of them as the input. The flow does not wait for it. May be called again for one more.</summary>
    /// <param name="callback">A job or a flow.</param>
    public Chord<T> OnError(IFlowStep callback) => new(_shape, Callbacks.AddOnError(callback));
}
