namespace Krewe;

/// <summary>A silo's or client's options do not fit; names every violation.</summary>
public sealed class KreweOptionsException : KreweException
{
    internal KreweOptionsException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
