using System.Globalization;

namespace Krewe.Storage.Sqlite;

/// <summary>Which page is asked for.</summary>
internal sealed record ListRequest(Partition Partition, JobPlace Place, string? After, int Max, long NowTicks);

/// <summary>Pages of one place. Inside a transaction of a reader.</summary>
/// <remarks>A cursor is where the last row of a page stands in the order of its place, so that a page costs the same wherever it begins.</remarks>
internal static class JobListing
{
    private const string Ready =
        $"SELECT {JobRows.Columns} FROM jobs WHERE partition = ?1 AND place = 1 AND lane = ?2 AND (position, seq) > (?3, ?4) ORDER BY position, seq LIMIT ?5";

    private const string Running =
        $"SELECT {JobRows.Columns} FROM jobs WHERE partition = ?1 AND place = 8 AND lane = ?2 AND (position, seq) > (?3, ?4) ORDER BY position, seq LIMIT ?5";

    private const string Due = $"SELECT {JobRows.Columns}, due FROM jobs WHERE partition = ?1 AND place = 2 AND (due, seq) > (?2, ?3) ORDER BY due, seq LIMIT ?4";

    private const string Parked =
        $"SELECT {JobRows.Columns}, parked FROM jobs WHERE partition = ?1 AND place = 4 AND (parked, position, seq) > (?2, ?3, ?4) ORDER BY parked, position, seq LIMIT ?5";

    private const string Ended =
        $"SELECT {JobRows.Columns}, listed FROM jobs WHERE partition = ?1 AND place = ?2 AND listed < ?3 AND (purge IS NULL OR purge > ?4) ORDER BY listed DESC LIMIT ?5";

    /// <summary>The column after <see cref="JobRows.Columns"/>.</summary>
    private const int Order = JobRows.RowId + 1;

    internal static StorePage List(SqliteDatabase database, ListRequest request) => request.Place switch
    {
        JobPlace.Ready => ListLanes(database.Statement(Ready), request),
        JobPlace.Running => ListLanes(database.Statement(Running), request),
        JobPlace.Due => ListDue(database.Statement(Due), request),
        JobPlace.Parked => ListParked(database.Statement(Parked), request),
        JobPlace.Dead or JobPlace.Done => ListEnded(database.Statement(Ended), request),
        _ => throw new ArgumentException($"A list is of one place, got {request.Place}.", nameof(request)),
    };

    /// <summary>Highest lane first, by position within it.</summary>
    private static StorePage ListLanes(SqliteStatement rows, ListRequest request)
    {
        var page = new PageBuilder(request.Max);
        var after = Numbers(request.After, 3) ?? [9, long.MinValue, 0];
        for (var lane = after[0]; lane >= 0 && !page.IsFull; lane--)
        {
            var (position, row) = lane == after[0] ? (after[1], after[2]) : (long.MinValue, 0);
            rows.Bind(1, request.Partition.RowId).Bind(2, lane).Bind(3, position).Bind(4, row).Bind(5, page.Wanted);
            page.Fill(rows, static row => string.Create(CultureInfo.InvariantCulture, $"{row.Int64(2)}.{row.Int64(3)}.{row.Int64(JobRows.RowId)}"));
        }

        return page.Build();
    }

    private static StorePage ListDue(SqliteStatement rows, ListRequest request)
    {
        var after = Numbers(request.After, 2) ?? [long.MinValue, 0];
        var page = new PageBuilder(request.Max);
        rows.Bind(1, request.Partition.RowId).Bind(2, after[0]).Bind(3, after[1]).Bind(4, page.Wanted);
        page.Fill(rows, static row => string.Create(CultureInfo.InvariantCulture, $"{row.Int64(Order)}.{row.Int64(JobRows.RowId)}"));
        return page.Build();
    }

    /// <summary>By name, oldest first within it. The name ends the cursor, because it may hold points.</summary>
    private static StorePage ListParked(SqliteStatement rows, ListRequest request)
    {
        var parts = request.After?.Split('.', 3) ?? [];
        var after = parts.Length == 3 ? Numbers($"{parts[0]}.{parts[1]}", 2) : null;
        var page = new PageBuilder(request.Max);
        rows.Bind(1, request.Partition.RowId)
            .Bind(2, after is null ? "" : parts[2])
            .Bind(3, after?[0] ?? long.MinValue)
            .Bind(4, after?[1] ?? 0)
            .Bind(5, page.Wanted);
        page.Fill(rows, static row => string.Create(CultureInfo.InvariantCulture, $"{row.Int64(3)}.{row.Int64(JobRows.RowId)}.{row.Text(Order)}"));
        return page.Build();
    }

    /// <summary>Newest first.</summary>
    private static StorePage ListEnded(SqliteStatement rows, ListRequest request)
    {
        var page = new PageBuilder(request.Max);
        rows.Bind(1, request.Partition.RowId)
            .Bind(2, (long)request.Place)
            .Bind(3, Numbers(request.After, 1)?[0] ?? long.MaxValue)
            .Bind(4, request.NowTicks)
            .Bind(5, page.Wanted);
        page.Fill(rows, static row => row.Int64(Order).ToString(CultureInfo.InvariantCulture));
        return page.Build();
    }

    /// <summary>A cursor's numbers; null, and so the beginning, when it is none of ours.</summary>
    private static long[]? Numbers(string? cursor, int count)
    {
        var parts = cursor?.Split('.') ?? [];
        var numbers = new long[count];
        for (var index = 0; index < count; index++)
        {
            if (parts.Length != count || !long.TryParse(parts[index], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[index]))
            {
                return null;
            }
        }

        return numbers;
    }

    /// <summary>Collects a page. One row more than asked for is read, to know whether another page follows.</summary>
    private sealed class PageBuilder(int max)
    {
        private readonly List<StoredJob> _jobs = [];
        private string? _last;

        internal bool IsFull { get; private set; }

        internal long Wanted => max - _jobs.Count + 1L;

        internal void Fill(SqliteStatement rows, Func<SqliteStatement, string> cursor)
        {
            while (rows.Step())
            {
                if (_jobs.Count == max)
                {
                    IsFull = true;
                    rows.Reset();
                    return;
                }

                _jobs.Add(JobRows.Read(rows));
                _last = cursor(rows);
            }
        }

        internal StorePage Build() => new(_jobs, IsFull ? _last : null);
    }
}
