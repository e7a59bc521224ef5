using System.Text.Json;

namespace Krewe.Api;

/// <summary>A step of a flow as it is written in a request: exactly one of <c>job</c>, <c>chain</c>, <c>group</c> and <c>chord</c>. Describes the API, and names the members that a step may have.</summary>
/// <param name="Job">The stable name of a job.</param>
/// <param name="Args">Of a job: a JSON object.</param>
/// <param name="Options">Of a job: what it sets for itself; delays count from its turn.</param>
/// <param name="Chain">Steps, one after the other, at least one.</param>
/// <param name="Group">Steps side by side.</param>
/// <param name="Chord">A group and what runs on its results.</param>
/// <param name="OnSuccess">A step, or an array of them, that runs once when this one has succeeded.</param>
/// <param name="OnError">A step, or an array of them, that runs once when this one has failed, was cancelled or expired.</param>
internal record FlowStepBody(
    string? Job, JsonElement? Args, EnqueueOptions? Options, IReadOnlyList<FlowStepBody>? Chain, IReadOnlyList<FlowStepBody>? Group, ChordBody? Chord, JsonElement? OnSuccess, JsonElement? OnError);

/// <summary>A chord as it is written in a request.</summary>
/// <param name="Header">Steps side by side; may be empty.</param>
/// <param name="Body">A step that gets the array of their results as its input.</param>
internal sealed record ChordBody(IReadOnlyList<FlowStepBody> Header, FlowStepBody Body);

/// <summary>A flow as it is written in a request: its root, and what holds for the whole of it.</summary>
/// <param name="Id">The caller's own id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Headers">Headers of every job of it.</param>
/// <param name="CancelOnFailure">Whether a member that does not succeed cancels the other members of its group.</param>
/// <inheritdoc cref="FlowStepBody"/>
internal sealed record FlowBody(
    string? Job, JsonElement? Args, EnqueueOptions? Options, IReadOnlyList<FlowStepBody>? Chain, IReadOnlyList<FlowStepBody>? Group, ChordBody? Chord, JsonElement? OnSuccess, JsonElement? OnError,
    string? Id, string? Name, IReadOnlyDictionary<string, string>? Headers, bool? CancelOnFailure)
    : FlowStepBody(Job, Args, Options, Chain, Group, Chord, OnSuccess, OnError);
