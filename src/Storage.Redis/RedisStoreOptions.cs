namespace Krewe;

/// <summary>How jobs are kept in Redis.</summary>
public sealed class RedisStoreOptions
{
    /// <summary>What every key begins with; default <c>krewe:</c>. One Redis may hold several installations under different prefixes. No braces.</summary>
    public string KeyPrefix { get; set; } = "krewe:";

    /// <summary>How long a starting silo retries while Redis is away; default 30 seconds. Zero: one try.</summary>
    public TimeSpan ConnectWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Put before the text of every script; tests watch the keys with it.</summary>
    internal string ScriptPrelude { get; set; } = "";
}
