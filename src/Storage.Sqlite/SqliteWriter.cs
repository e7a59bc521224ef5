using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Krewe.Storage.Sqlite;

/// <summary>The one thread that writes to a data file.</summary>
/// <remarks>
/// Group commit: whatever waits when a transaction ends goes into the next one, first come, first served, up to <see cref="MaxWeight"/>; so an fsync is shared by all
/// that arrived during the one before, and a lone write waits for nothing. A partition has at most one commit here, so the queue's order is fair between them.
/// A work that fails takes nobody with it: the transaction is rolled back and each of its works run alone.
/// </remarks>
internal sealed class SqliteWriter
{
    internal const int MaxWeight = 1024;

    private readonly Queue<SqliteWork> _waiting = new();
    private readonly SqliteDatabase _database;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private bool _isClosing;

    internal SqliteWriter(SqliteDatabase database, ILogger logger)
    {
        (_database, _logger) = (database, logger);
        _thread = new Thread(WriteUntilClosed) { IsBackground = true, Name = "krewe sqlite writer" };
        _thread.Start();
    }

    /// <summary>Queues a work; its own completion tells the end.</summary>
    /// <returns>False when the writer is closed.</returns>
    internal bool TryQueue(SqliteWork work)
    {
        lock (_waiting)
        {
            if (_isClosing)
            {
                return false;
            }

            _waiting.Enqueue(work);
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_waiting);
            }

            return true;
        }
    }

    /// <summary>Writes what waits and ends the thread.</summary>
    internal void Close()
    {
        lock (_waiting)
        {
            _isClosing = true;
            Monitor.Pulse(_waiting);
        }

        _thread.Join();
    }

    private void WriteUntilClosed()
    {
        List<SqliteWork> group = [];
        while (TryTakeGroup(group))
        {
            Write(group);
            group.Clear();
        }
    }

    private bool TryTakeGroup(List<SqliteWork> group)
    {
        lock (_waiting)
        {
            while (_waiting.Count == 0)
            {
                if (_isClosing)
                {
                    return false;
                }

                Monitor.Wait(_waiting);
            }

            var weight = 0;
            while (_waiting.TryPeek(out var next) && (weight == 0 || weight + next.Weight <= MaxWeight))
            {
                _waiting.Dequeue();
                if (next.TryBegin())
                {
                    weight += next.Weight;
                    group.Add(next);
                }
            }

            return true;
        }
    }

    private void Write(List<SqliteWork> group)
    {
        if (group.Count == 0)
        {
            return;
        }

        if (TryWrite(group) is not { } failure)
        {
            group.ForEach(static work => work.Complete());
        }
        else if (group.Count == 1)
        {
            WriteAgain(group[0], failure);
        }
        else
        {
            Log.GroupSplit(_logger, group.Count, failure);
            group.ForEach(WriteAlone);
        }
    }

    private void WriteAlone(SqliteWork work)
    {
        if (TryWrite([work]) is { } failure)
        {
            WriteAgain(work, failure);
        }
        else
        {
            work.Complete();
        }
    }

    /// <summary>On a full disk a work is tried once more without what may be refused.</summary>
    private void WriteAgain(SqliteWork work, Exception failure)
    {
        if (failure is SqliteFailure { PrimaryCode: SqliteFailure.Full } && work.TryLighten())
        {
            WriteAlone(work);
        }
        else
        {
            work.Fail(failure);
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "One work must not end the thread that all others wait for; the failure goes to its caller.")]
    private Exception? TryWrite(List<SqliteWork> group)
    {
        try
        {
            _database.Execute("BEGIN IMMEDIATE");
            foreach (var work in group)
            {
                work.Run();
            }

            _database.Execute("COMMIT");
            return null;
        }
        catch (Exception exception)
        {
            return TryRollBack() ?? exception;
        }
    }

    private SqliteFailure? TryRollBack()
    {
        try
        {
            if (_database.IsInTransaction)
            {
                _database.Execute("ROLLBACK");
            }

            return null;
        }
        catch (SqliteFailure failure)
        {
            return failure;
        }
    }
}
