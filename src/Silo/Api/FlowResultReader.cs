using System.Text.Json;
using Krewe.Flows;
using Krewe.Queues;

namespace Krewe.Api;

/// <summary>Reads the result of a flow, as far as an answer carries it.</summary>
internal sealed class FlowResultReader(FlowGrains grains)
{
    /// <summary>A larger result is left out.</summary>
    public const int MaxBytes = 1024 * 1024;

    // Results of members nest as deep as their handlers made them, and groups put them into arrays.
    private const int MaxDepth = 900;

    /// <summary>Reads the result of a flow that has succeeded.</summary>
    public async Task<FlowResult> ReadAsync(string flowId, CancellationToken cancellationToken)
    {
        try
        {
            return await FlowPages.ReadAsync(from => grains.AskAsync(flowId, flow => flow.ReadResultAsync(from), RetriedCall.ReadBudget, cancellationToken), MaxBytes) switch
            {
                null => default, // It is being redriven, or was removed just now.
                { IsCut: true } => new(null, IsTooLarge: true, IsGone: false),
                { Json: var json } => new(Parse(json), IsTooLarge: false, IsGone: false),
            };
        }
        catch (ResultGoneException)
        {
            return new(null, IsTooLarge: false, IsGone: true);
        }
    }

    private static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json.IsEmpty ? "null"u8.ToArray() : json, new JsonDocumentOptions { MaxDepth = MaxDepth });
        return document.RootElement.Clone();
    }
}

/// <summary>The result of a flow.</summary>
/// <param name="Json">The JSON value; null: there is none, or it is left out.</param>
/// <param name="IsTooLarge">Whether it is left out for its size.</param>
/// <param name="IsGone">Whether a member's part of it was removed.</param>
internal readonly record struct FlowResult(JsonElement? Json, bool IsTooLarge, bool IsGone);
