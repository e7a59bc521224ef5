using System.Globalization;
using System.Text.Json;

namespace Krewe.Testing;

/// <summary>Values for tests where any will do.</summary>
public static class Some
{
    private static int _keys;

    /// <summary>How long a test waits for a fact before it fails: long enough for a slow machine under load.</summary>
    public static TimeSpan Timeout { get; } = TimeSpan.FromMinutes(2);

    /// <summary>A moment that is short for a person and long for a machine.</summary>
    public static TimeSpan Moment { get; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Text that no other test of this process uses; fits ids, keys and names.</summary>
    public static string Key(string prefix = "k") => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{Interlocked.Increment(ref _keys)}");

    /// <summary>Args as they come over HTTP.</summary>
    public static JsonElement Json(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
