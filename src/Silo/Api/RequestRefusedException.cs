namespace Krewe.Api;

/// <summary>A request that cannot be served as it came; answered as problem details with this status and sentence.</summary>
internal sealed class RequestRefusedException(int status, string message) : KreweException(message)
{
    public int Status { get; } = status;

    public static RequestRefusedException BadRequest(string message) => new(StatusCodes.Status400BadRequest, message);

    /// <summary>Nothing is wrong with the request; the same one may be served a moment later.</summary>
    public static RequestRefusedException Busy(string message) => new(StatusCodes.Status503ServiceUnavailable, message);

    public static RequestRefusedException NotFound(string message) => new(StatusCodes.Status404NotFound, message);

    public static RequestRefusedException Conflict(string message) => new(StatusCodes.Status409Conflict, message);
}
