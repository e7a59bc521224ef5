using System.Globalization;
using System.Text;

namespace Krewe.Api;

/// <summary>A flow's tree as a Mermaid flowchart, for whoever wants to look at it: <c>mermaid.live</c>, a README, an issue.</summary>
internal static class FlowMermaid
{
    /// <summary>What a reader can still look at.</summary>
    public const int MaxNodes = 200;

    private static readonly (JobState State, string Style)[] Classes =
    [
        (JobState.Waiting, "fill:#eceff1,stroke:#90a4ae,color:#263238"),
        (JobState.Running, "fill:#bbdefb,stroke:#1976d2,color:#0d2b4b"),
        (JobState.Succeeded, "fill:#c8e6c9,stroke:#388e3c,color:#14361a"),
        (JobState.Failed, "fill:#ffcdd2,stroke:#d32f2f,color:#4a1010"),
        (JobState.Cancelled, "fill:#e0e0e0,stroke:#616161,color:#212121"),
        (JobState.Expired, "fill:#ffe0b2,stroke:#f57c00,color:#4a2a00"),
    ];

    /// <summary>Writes the chart. Steps of a chain are numbered; a chord's header and body, and callbacks, are named; callbacks hang on dotted lines.</summary>
    public static string Write(FlowTree tree)
    {
        var text = new StringBuilder("flowchart TD\n");
        var count = 0;
        if (tree.Root is { } root)
        {
            WriteNode(root, text, ref count);
        }

        if (tree.IsCut)
        {
            text.Append(CultureInfo.InvariantCulture, $"  more[\"The flow has more nodes; these are the first {count}.\"]\n");
        }

        foreach (var (state, style) in Classes)
        {
            text.Append(CultureInfo.InvariantCulture, $"  classDef {ClassOf(state)} {style}\n");
        }

        return text.ToString();
    }

    /// <summary>Writes a node and all below it.</summary>
    /// <returns>The node's number.</returns>
    private static int WriteNode(FlowTreeNode node, StringBuilder text, ref int count)
    {
        var number = count++;
        var (open, close) = node.Kind switch
        {
            "job" => ("[\"", "\"]"),
            "chain" => ("([\"", "\"])"),
            "group" => ("{{\"", "\"}}"),
            _ => ("[[\"", "\"]]"),
        };
        text.Append(CultureInfo.InvariantCulture, $"  n{number}{open}{Escape(node.JobName ?? node.Kind)}{close}:::{ClassOf(node.State)}\n");
        for (var index = 0; index < node.Children.Count; index++)
        {
            var child = WriteNode(node.Children[index], text, ref count);
            var label = node.Kind switch
            {
                "chain" => string.Create(CultureInfo.InvariantCulture, $"|{index + 1}|"),
                "chord" => index == 0 ? "|header|" : "|body|",
                _ => "",
            };
            text.Append(CultureInfo.InvariantCulture, $"  n{number} -->{label} n{child}\n");
        }

        foreach (var callback in node.Callbacks)
        {
            var child = WriteNode(callback, text, ref count);
            text.Append(CultureInfo.InvariantCulture, $"  n{number} -. {callback.Role} .-> n{child}\n");
        }

        return number;
    }

    private static string ClassOf(JobState state) => state.ToString().ToLowerInvariant();

    /// <summary>Whatever could mean something to Mermaid, or to the page that shows it, as its character code.</summary>
    private static string Escape(string label)
    {
        var text = new StringBuilder();
        foreach (var rune in label.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || rune.Value is '.' or '_' or '-' or ' ')
            {
                text.Append(rune.ToString());
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"#{rune.Value};");
            }
        }

        return text.ToString();
    }
}
