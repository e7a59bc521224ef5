using System.Globalization;

namespace Krewe.Flows;

/// <summary>Where in a flow a step stands, for messages: <c>chain[1].header[3].onError</c>. Becomes text only when it is asked for.</summary>
internal sealed class FlowPlace
{
    internal const string Header = "header";

    internal static readonly FlowPlace Root = new(null, "the flow", -1);

    private readonly FlowPlace? _parent;
    private readonly string _segment;
    private readonly int _number;

    private FlowPlace(FlowPlace? parent, string segment, int number) => (_parent, _segment, _number) = (parent, segment, number);

    /// <summary>A place in this one.</summary>
    /// <param name="segment">What it is here, such as <c>chain</c>.</param>
    /// <param name="number">Which of several, from 0; -1: there is but one.</param>
    internal FlowPlace Child(string segment, int number = -1) => new(this, segment, number);

    /// <summary>Whether it is the header of a chord as a whole.</summary>
    internal bool IsHeader => _segment == Header && _number < 0;

    /// <summary>One of the members of a header.</summary>
    internal FlowPlace Numbered(int number) => new(_parent, _segment, number);

    public override string ToString()
    {
        var own = _number < 0 ? _segment : string.Create(CultureInfo.InvariantCulture, $"{_segment}[{_number}]");
        return _parent is null || _parent == Root ? own : $"{_parent}.{own}";
    }

    /// <summary>A refusal that names the place.</summary>
    /// <param name="sentence">Expected, got, remedy.</param>
    /// <param name="cause">What it came from.</param>
    internal InvalidJobException Refused(string sentence, Exception? cause = null) => new($"At {this}: {sentence}", cause);
}
