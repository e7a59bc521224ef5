using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace Krewe.Api;

/// <summary>A job or a flow that is durable.</summary>
/// <param name="Id">Its id, for <c>/api/jobs/{id}</c> or <c>/api/flows/{id}</c>.</param>
/// <param name="Existing">Whether it was there already (same id, or holder of the unique key) and none was added.</param>
internal sealed record EnqueueAnswer(string Id, bool Existing);

/// <summary>The answer to one job of a bulk: <c>{"id","existing"}</c>, or <c>{"error"}</c>.</summary>
/// <param name="Id">The job's id; absent where it was refused.</param>
/// <param name="Existing">As in a single answer; absent where it was refused.</param>
/// <param name="Error">Why it was refused, as problem details; absent where it was not.</param>
internal sealed record BulkAnswer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Existing,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ProblemDetails? Error);

/// <summary>A request about a job or a flow that was taken.</summary>
/// <param name="Id">The job or the flow.</param>
internal sealed record JobAnswer(string Id);
