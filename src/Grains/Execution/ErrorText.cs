using System.Text;

namespace Krewe.Execution;

/// <summary>Reads what exceptions say about themselves, whatever they are: bounded, well-formed, and without ever throwing.</summary>
internal static class ErrorText
{
    internal const int MaxMessageBytes = 8 * 1024;
    internal const int MaxStackBytes = 32 * 1024;
    private const int MaxTypeBytes = 1024;
    private const int MaxInnerMessageBytes = 1024;
    private const int MaxDepth = 10;
    private const string Ellipsis = "…";

    /// <summary>The full name of its type.</summary>
    internal static string TypeOf(Exception exception) => Cut(exception.GetType().FullName ?? exception.GetType().Name, MaxTypeBytes);

    /// <summary>Its message, at most <see cref="MaxMessageBytes"/> of UTF-8.</summary>
    internal static string MessageOf(Exception exception) => Cut(Ask(exception, static asked => asked.Message), MaxMessageBytes);

    /// <summary>Its stack and those of its inner exceptions, at most <see cref="MaxStackBytes"/> of UTF-8.</summary>
    /// <remarks>Not <see cref="Exception.ToString"/>: types override it, and a long message would leave no room for the stack.</remarks>
    internal static string StackOf(Exception exception)
    {
        var text = new StringBuilder();
        Append(text, exception, depth: 0);
        return Cut(text.ToString(), MaxStackBytes);
    }

    /// <summary>The text with lone surrogates replaced, cut at a character so that it has at most so many bytes of UTF-8.</summary>
    internal static string Cut(string text, int maxBytes)
    {
        // A character has at least one byte, so what lies beyond the limit in characters does so in bytes.
        var head = text.Length <= maxBytes ? text : text[..maxBytes];
        var bytes = Encoding.UTF8.GetBytes(head);
        if (head.Length == text.Length && bytes.Length <= maxBytes)
        {
            return Encoding.UTF8.GetString(bytes);
        }

        var end = Math.Min(bytes.Length, maxBytes - Encoding.UTF8.GetByteCount(Ellipsis));
        while (end > 0 && end < bytes.Length && (bytes[end] & 0xC0) == 0x80)
        {
            end--;
        }

        return Encoding.UTF8.GetString(bytes, 0, end) + Ellipsis;
    }

    private static void Append(StringBuilder text, Exception exception, int depth)
    {
        text.Append(TypeOf(exception)).Append(": ").AppendLine(Cut(Ask(exception, static asked => asked.Message), MaxInnerMessageBytes));
        text.AppendLine(Ask(exception, static asked => asked.StackTrace));
        if (depth >= MaxDepth || text.Length > MaxStackBytes)
        {
            return;
        }

        foreach (var inner in exception is AggregateException aggregate ? [.. aggregate.InnerExceptions] : InnerOf(exception))
        {
            text.Append(" ---> ");
            Append(text, inner, depth + 1);
        }
    }

    private static Exception[] InnerOf(Exception exception) => exception.InnerException is { } inner ? [inner] : [];

    // Message and StackTrace are virtual: a type of a handler's own may answer null, or throw.
    private static string Ask(Exception exception, Func<Exception, string?> question)
    {
        try
        {
            return question(exception) ?? "";
        }
        catch (Exception thrown)
        {
            return $"(could not be read: it threw {thrown.GetType().FullName})";
        }
    }
}
