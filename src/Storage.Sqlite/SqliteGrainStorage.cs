using System.Globalization;
using Orleans.Storage;

namespace Krewe.Storage.Sqlite;

/// <summary>Grain state in the data file; written by the same writer as jobs, so that states share their fsyncs with them.</summary>
/// <remarks>An ETag is a number that is never given twice while the process lives, so that one from before a clear matches nothing written after it.</remarks>
internal sealed class SqliteGrainStorage(SqliteFile file, IGrainStorageSerializer serializer) : IGrainStorage
{
    private const string Insert = "INSERT INTO grain_state (grain, name, version, content) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";

    private const string Update = "UPDATE grain_state SET version = ?3, content = ?4 WHERE grain = ?1 AND name = ?2 AND version = ?5";

    private const string FindVersion = "SELECT version FROM grain_state WHERE grain = ?1 AND name = ?2";

    private long _lastVersion = -1;

    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await file.ConnectAsync(CancellationToken.None);
        var (version, content) = await file.ReadAsync<(long? Version, byte[] Content)>(database =>
        {
            var row = database.Statement("SELECT version, content FROM grain_state WHERE grain = ?1 AND name = ?2").Bind(1, grainId.ToString()).Bind(2, stateName);
            if (!row.Step())
            {
                return (null, []);
            }

            var found = (row.Int64(0), row.Bytes(1).ToArray());
            row.Reset();
            return found;
        });
        grainState.RecordExists = version is not null;
        grainState.ETag = ETag(version);
        grainState.State = (version is null ? default : serializer.Deserialize<T>(new BinaryData(content))) ?? Activator.CreateInstance<T>();
    }

    /// <inheritdoc/>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await file.ConnectAsync(CancellationToken.None);
        var (content, expected) = (serializer.Serialize(grainState.State).ToArray(), grainState.ETag);
        var (written, stored) = await file.WriteAsync<(long? Written, long? Stored)>(database =>
        {
            var version = NextVersion(database);
            var statement = database.Statement(expected is null ? Insert : Update).Bind(1, grainId.ToString()).Bind(2, stateName).Bind(3, version).Bind(4, content);
            if (expected is not null)
            {
                statement.Bind(5, Version(expected));
            }

            return statement.Execute() == 1 ? (version, null) : (null, Stored(database, stateName, grainId));
        });
        grainState.ETag = written is null ? throw Inconsistent("write", grainId, stored, expected) : ETag(written);
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await file.ConnectAsync(CancellationToken.None);
        var expected = grainState.ETag;
        var (isCleared, stored) = await file.WriteAsync<(bool IsCleared, long? Stored)>(database =>
        {
            NextVersion(database);
            var found = Stored(database, stateName, grainId);
            if (found != (expected is null ? null : Version(expected)))
            {
                return (false, found);
            }

            database.Statement("DELETE FROM grain_state WHERE grain = ?1 AND name = ?2").Bind(1, grainId.ToString()).Bind(2, stateName).Execute();
            return (true, found);
        });
        grainState.ETag = isCleared ? null : throw Inconsistent("clear", grainId, stored, expected);
        grainState.RecordExists = false;
        grainState.State = Activator.CreateInstance<T>();
    }

    /// <summary>On the writer's thread only. Cleared states leave no version behind, but whoever knew theirs died with the process.</summary>
    private long? NextVersion(SqliteDatabase database)
    {
        if (_lastVersion < 0)
        {
            _lastVersion = database.Statement("SELECT max(version) FROM grain_state").Scalar() ?? 0;
        }

        return ++_lastVersion;
    }

    private static long? Stored(SqliteDatabase database, string stateName, GrainId grainId) =>
        database.Statement(FindVersion).Bind(1, grainId.ToString()).Bind(2, stateName).Scalar();

    /// <summary>A text that is none of ours matches no version.</summary>
    private static long Version(string etag) => long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : -1;

    private static string? ETag(long? version) => version?.ToString(CultureInfo.InvariantCulture);

    private static InconsistentStateException Inconsistent(string what, GrainId grainId, long? stored, string? expected) =>
        new($"The {what} of the state of {grainId} met another version than the grain had read; read it again.", ETag(stored) ?? "none", expected ?? "none");
}
