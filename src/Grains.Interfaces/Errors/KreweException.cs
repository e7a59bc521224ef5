namespace Krewe;

/// <summary>The base of every exception of this library. Messages say what was expected, what came and what to do.</summary>
[GenerateSerializer, Alias("krewe.exception")]
public abstract class KreweException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="message">Expected, got, remedy.</param>
    /// <param name="innerException">The cause, if any.</param>
    protected KreweException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
