namespace Krewe.Storage.Sqlite;

/// <summary>Which data file, and its bounds.</summary>
internal sealed class SqliteFileOptions
{
    /// <summary>The file's path; a relative one counts from the working directory.</summary>
    public required string DataFile { get; init; }

    /// <summary>Length of the write-ahead log, in pages of 4 KiB, at which it is folded into the file.</summary>
    public int CheckpointPages { get; init; } = 8192;

    /// <summary>Bounds the file, in pages of 4 KiB; null: the disk does.</summary>
    public int? MaxPages { get; init; }
}
