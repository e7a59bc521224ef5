using System.Text;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Krewe.Storage.Sqlite;

/// <summary>A prepared statement, kept for the life of its connection and used by one thread at a time.</summary>
/// <remarks>Straight on SQLite's own calls: the ADO.NET layer allocates per parameter and execution, which would cost more than the write itself.</remarks>
internal sealed class SqliteStatement(sqlite3 database, sqlite3_stmt handle) : IDisposable
{
    private const int StackBytes = 512;

    internal SqliteStatement Bind(int index, long value)
    {
        Check(sqlite3_bind_int64(handle, index, value));
        return this;
    }

    internal SqliteStatement Bind(int index, long? value)
    {
        Check(value is { } number ? sqlite3_bind_int64(handle, index, number) : sqlite3_bind_null(handle, index));
        return this;
    }

    internal SqliteStatement Bind(int index, string? text)
    {
        if (text is null)
        {
            Check(sqlite3_bind_null(handle, index));
            return this;
        }

        var size = Encoding.UTF8.GetMaxByteCount(text.Length);
        var buffer = size <= StackBytes ? stackalloc byte[StackBytes] : new byte[size];
        Check(sqlite3_bind_text(handle, index, buffer[..Encoding.UTF8.GetBytes(text, buffer)]));
        return this;
    }

    internal SqliteStatement Bind(int index, byte[]? bytes)
    {
        Check(bytes switch
        {
            null => sqlite3_bind_null(handle, index),
            [] => sqlite3_bind_zeroblob(handle, index, 0),
            _ => sqlite3_bind_blob(handle, index, (ReadOnlySpan<byte>)bytes),
        });
        return this;
    }

    /// <summary>Goes to the next row; after the last one the statement is reset and can be bound again.</summary>
    /// <returns>Whether there is a row.</returns>
    internal bool Step()
    {
        switch (sqlite3_step(handle))
        {
            case SQLITE_ROW:
                return true;
            case SQLITE_DONE:
                Reset();
                return false;
            default:
                var failure = new SqliteFailure(sqlite3_extended_errcode(database), sqlite3_errmsg(database).utf8_to_string());
                Reset();
                throw failure;
        }
    }

    /// <summary>Runs a statement to its end.</summary>
    /// <returns>The number of rows it changed.</returns>
    internal int Execute()
    {
        while (Step())
        {
        }

        return sqlite3_changes(database);
    }

    /// <summary>The first column of the first row; null when there is no row or no value.</summary>
    internal long? Scalar()
    {
        if (!Step())
        {
            return null;
        }

        long? value = IsNull(0) ? null : Int64(0);
        Reset();
        return value;
    }

    /// <summary>Ends an execution before its last row. Its result repeats the failure of the last step, so it is not looked at.</summary>
    internal void Reset() => _ = sqlite3_reset(handle);

    internal bool IsNull(int column) => sqlite3_column_type(handle, column) == SQLITE_NULL;

    internal long Int64(int column) => sqlite3_column_int64(handle, column);

    /// <summary>Valid until the next step.</summary>
    internal ReadOnlySpan<byte> Bytes(int column) => sqlite3_column_blob(handle, column);

    /// <summary>Read as bytes, because a text may hold a NUL.</summary>
    internal string Text(int column) => Encoding.UTF8.GetString(sqlite3_column_blob(handle, column));

    public void Dispose() => handle.Dispose();

    private void Check(int result)
    {
        if (result != SQLITE_OK)
        {
            throw new SqliteFailure(result, sqlite3_errmsg(database).utf8_to_string());
        }
    }
}
