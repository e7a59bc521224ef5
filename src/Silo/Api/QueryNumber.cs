using System.Globalization;

namespace Krewe.Api;

/// <summary>Reads whole numbers out of queries.</summary>
internal static class QueryNumber
{
    /// <summary>A number from 1 on.</summary>
    /// <exception cref="RequestRefusedException">It is none, or out of its range.</exception>
    public static int Read(string name, string? text, int unlessSaid, int max) => string.IsNullOrEmpty(text)
        ? unlessSaid
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max
            ? number
            : throw RequestRefusedException.BadRequest($"{name} must be 1..{max}, got '{JobRequest.Shorten(text)}'.");
}
