using System.Text.Json.Serialization;

namespace Krewe;

/// <summary>How the delay before retry n (1 = first) grows from its base.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Backoff>))]
public enum Backoff
{
    /// <summary><c>min(cap, base × 2^(n−1))</c>; the default.</summary>
    Exponential = 0,

    /// <summary><c>min(cap, base)</c>.</summary>
    Fixed = 1,

    /// <summary><c>min(cap, base × n)</c>.</summary>
    Linear = 2,

    /// <summary>The n-th of an explicit list; its last one from there on.</summary>
    List = 3,
}

/// <summary>How a delay is spread, so that jobs that failed together do not return together.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Jitter>))]
public enum Jitter
{
    /// <summary>Uniform in [0, delay); the default.</summary>
    Full = 0,

    /// <summary>The delay as it is.</summary>
    None = 1,
}
