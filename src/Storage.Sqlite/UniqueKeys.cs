namespace Krewe.Storage.Sqlite;

/// <summary>Who holds which unique key.</summary>
/// <remarks>
/// A key is held while its holder is not final, and until the instant that its release named. A holder that became final without a release (its record could
/// not be read) holds it until the instant named when it was taken; a dead letter does not hold it.
/// </remarks>
internal sealed class UniqueKeys(SqliteDatabase database)
{
    private readonly SqliteStatement _find = database.Statement(
        """
        SELECT k.holder FROM unique_keys k LEFT JOIN jobs j ON j.partition = k.partition AND j.id = k.holder AND (j.purge IS NULL OR j.purge > ?4)
        WHERE k.partition = ?1 AND k.scope = ?2 AND k.key = ?3
            AND ((k.is_released = 0 AND j.place IN (1, 2, 4, 8)) OR (k.until > ?4 AND (k.is_released = 1 OR j.place IS NOT 16)))
        """);

    private readonly SqliteStatement _take = database.Statement("REPLACE INTO unique_keys (partition, scope, key, holder, until, is_released) VALUES (?1, ?2, ?3, ?4, ?5, 0)");

    private readonly SqliteStatement _free = database.Statement("DELETE FROM unique_keys WHERE partition = ?1 AND scope = ?2 AND key = ?3 AND holder = ?4");

    private readonly SqliteStatement _keep = database.Statement(
        "UPDATE unique_keys SET until = ?5, is_released = 1 WHERE partition = ?1 AND scope = ?2 AND key = ?3 AND holder = ?4");

    /// <summary>The job that keeps another one from a key; null: it is free, or its own.</summary>
    internal string? HolderBeside(long partition, UniqueHold unique, string id, long nowTicks)
    {
        Key(_find, partition, unique).Bind(4, nowTicks);
        if (!_find.Step())
        {
            return null;
        }

        var holder = _find.Text(0);
        _find.Reset();
        return holder == id ? null : holder;
    }

    internal void Apply(long partition, UniqueHold unique, string id, long nowTicks)
    {
        var until = unique.Until?.UtcTicks;
        if (unique.Action == UniqueAction.Take)
        {
            Key(_take, partition, unique).Bind(4, id).Bind(5, until).Execute();
        }
        else if (until > nowTicks)
        {
            Key(_keep, partition, unique).Bind(4, id).Bind(5, until).Execute();
        }
        else
        {
            Key(_free, partition, unique).Bind(4, id).Execute();
        }
    }

    private static SqliteStatement Key(SqliteStatement statement, long partition, UniqueHold unique) =>
        statement.Bind(1, partition).Bind(2, unique.JobName).Bind(3, unique.Key);
}
