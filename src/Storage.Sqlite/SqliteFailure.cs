namespace Krewe.Storage.Sqlite;

/// <summary>SQLite refused a call. Never leaves this assembly: <see cref="SqliteFile"/> turns it into an exception of the store's contract.</summary>
/// <param name="code">SQLite's extended result code.</param>
/// <param name="message">SQLite's own words.</param>
internal sealed class SqliteFailure(int code, string message) : Exception($"{message} (SQLite {code})")
{
    internal const int Corrupt = 11;
    internal const int Full = 13;
    internal const int NotADatabase = 26;

    internal int Code { get; } = code;

    /// <summary>The code without its details.</summary>
    internal int PrimaryCode => Code & 0xFF;
}
