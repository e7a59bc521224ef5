using Krewe.Flows;

namespace Krewe;

/// <summary>Makes a group: members that run side by side.</summary>
/// <remarks>
/// Members that are made while they are read (a generator, a query, an <see cref="IAsyncEnumerable{T}"/>) are streamed when the flow is enqueued, never held, and read once per
/// enqueue; the first ones may run before the last ones are sent. If reading them throws, the flow is cancelled.
/// </remarks>
/// <example><code>
/// var thumbnails = Group.Of(pictures.Select(picture => new MakeThumbnail(picture)));
/// FlowHandle&lt;Thumbnail[]&gt; handle = await jobs.EnqueueAsync(thumbnails);
/// </code></example>
public static class Group
{
    /// <summary>A group of members with one type of result.</summary>
    /// <typeparam name="T">Each member's result.</typeparam>
    /// <param name="members">Jobs or flows; may be empty, may be lazy.</param>
    public static Group<T> Of<T>(params IEnumerable<IFlowStep<T>> members) => new(new FlowMembers(members), FlowCallbacks.None);

    /// <summary>A group of members of any kind.</summary>
    /// <inheritdoc cref="Of{T}(IEnumerable{IFlowStep{T}})"/>
    public static Group<object?> Of(params IEnumerable<IFlowStep> members) => new(new FlowMembers(members), FlowCallbacks.None);

    /// <summary>A group of members that come asynchronously, such as the rows of a query.</summary>
    /// <typeparam name="T">Each member's result.</typeparam>
    /// <param name="members">Jobs or flows; read once per enqueue. May let wait for as long as the client lives.</param>
    public static Group<T> Of<T>(IAsyncEnumerable<IFlowStep<T>> members) => new(new FlowMembers(members), FlowCallbacks.None);

    /// <summary>A group of members of any kind that come asynchronously.</summary>
    /// <inheritdoc cref="Of{T}(IAsyncEnumerable{IFlowStep{T}})"/>
    public static Group<object?> Of(IAsyncEnumerable<IFlowStep> members) => new(new FlowMembers(members), FlowCallbacks.None);
}

/// <summary>Members that run side by side. Its result is the array of their results in the order of the members, also of one or none; a member without a result counts as null.</summary>
/// <inheritdoc cref="Group"/>
/// <remarks>
/// Each member's input is the group's own. Where a member does not succeed, the group ends as that member did; the others run to their end unless
/// <see cref="FlowOptions.CancelOnFailure"/> is set.
/// </remarks>
/// <typeparam name="T">Each member's result.</typeparam>
public sealed class Group<T> : Flow<T[]>
{
    private readonly FlowMembers _members;

    internal Group(FlowMembers members, FlowCallbacks callbacks)
        : base(callbacks) => _members = members;

    internal override FlowShape Shape => new GroupShape(_members);

    /// <summary>Makes a chord: the body runs once when every member has succeeded.</summary>
    /// <typeparam name="TBody">The body's result.</typeparam>
    /// <param name="body">A job or a flow; its input is the array of this group's results.</param>
    public Chord<TBody> Then<TBody>(IFlowStep<TBody> body) => Chord.Make<TBody>(this, body);

    /// <summary>Makes a chord whose body has no declared result.</summary>
    /// <inheritdoc cref="Then{TBody}(IFlowStep{TBody})"/>
    public Chord<object?> Then(IFlowStep body) => Chord.Make<object?>(this, body);

    /// <summary>Attaches a step that runs once when every member has succeeded, with the array of their results as the input. The flow does not wait for it. May be called again for one more.</summary>
    /// <param name="callback">A job or a flow.</param>
    public Group<T> OnSuccess(IFlowStep callback) => new(_members, Callbacks.AddOnSuccess(callback));

    /// <summary>Attaches a step that runs once when a member did not succeed, with a <see cref="FlowError"/> of the first such member as the input. The flow does not wait for it. May be called again for one more.</summary>
    /// <param name="callback">A job or a flow.</param>
    public Group<T> OnError(IFlowStep callback) => new(_members, Callbacks.AddOnError(callback));
}
