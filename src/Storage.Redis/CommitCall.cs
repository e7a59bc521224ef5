using System.Collections.Concurrent;
using System.Globalization;
using Krewe.Jobs;
using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>One call of <c>Scripts/commit.lua</c>, or of <c>Scripts/add.lua</c>: as many steps as it may take, its keys and arguments.</summary>
/// <param name="keys">The partition's keys.</param>
/// <param name="lease">Epoch and revision to check.</param>
/// <param name="now">Turns instants into times to live.</param>
/// <param name="holders">Who holds the unique keys that the steps ask for.</param>
/// <param name="expected">Steps that it will hold as a rule; no more than this are taken in.</param>
internal sealed class CommitCall(PartitionKeys keys, PartitionLease lease, DateTimeOffset now, IReadOnlyDictionary<RedisKey, UniqueHolder> holders, int expected)
{
    /// <summary>Steps that a call may take; also the room of a revision among the dead and done jobs.</summary>
    internal const int MaxSteps = 256;
    private const int MaxBytes = 256 * 1024;
    private const int ArgumentsPerStep = 5;
    private const int RecordArgument = 1;
    private const int ClaimArgument = 2;

    /// <summary>Stored records of more bytes than this in all are not read whole, only their headers.</summary>
    private const int MaxWholeBytes = 256 * 1024;

    private static readonly ConcurrentDictionary<int, RedisValue> Controls = new();
    private readonly List<JobStep> _steps = new(expected);
    private readonly List<RedisKey> _records = new(expected);
    private readonly List<RedisKey> _uniques = [];
    private readonly List<RedisValue> _arguments = new(expected * ArgumentsPerStep);
    private readonly HashSet<string> _ids = new(expected);
    private readonly HashSet<RedisKey> _takenByEnded = [];
    private readonly Dictionary<int, long> _lastPositions = [];
    private long _firstPosition = long.MaxValue;
    private bool _hasClaims;
    private int _bytes;
    private long _storedBytes;

    internal IReadOnlyList<JobStep> Steps => _steps;

    /// <summary>The highest new position; 0 when there is none.</summary>
    internal long LastPosition { get; private set; }

    /// <summary>Whether a step brings new work, which a full store may refuse.</summary>
    internal bool HasNewWork { get; private set; }

    /// <summary>Whether it holds nothing but new jobs, without expiry or unique key, that join their lanes: what <c>Scripts/add.lua</c> takes.</summary>
    internal bool IsPlainNewWork { get; private set; } = true;

    /// <summary>Takes a step in; false when the call is full, or holds a step of that job, or of the one whose unique key it asks for.</summary>
    internal bool TryAdd(JobStep step)
    {
        Check(step);
        var stored = step.Record is { } record ? JobRecordCodec.Encode(record, RecordHeader.Length) : new byte[RecordHeader.Length];
        if (_steps.Count > 0 && (_steps.Count == expected || _bytes + stored.Length > MaxBytes || _ids.Contains(step.Id) || IsHolderHere(step)))
        {
            return false;
        }

        Header(step).WriteTo(stored);
        _ids.Add(step.Id);
        _bytes += stored.Length;
        _records.Add(keys.Record(step.Id));
        _arguments.Add(Control(step));
        _arguments.Add(stored);
        _arguments.Add(Claim(step));
        _arguments.Add(Value(step));
        _arguments.Add(Extra(step));
        _steps.Add(step);
        HasNewWork |= step.IsNewWork;
        IsPlainNewWork &= step is { From: JobPlace.Nowhere, To: JobPlace.Ready or JobPlace.Running, IsAtTail: true, Token: null, ExpiresAt: null, Unique: null };
        _hasClaims |= step.Claim is not null;
        _storedBytes += (step.From & ~JobPlace.Running) == JobPlace.Nowhere ? 0 : step.StoredBytes ?? MaxWholeBytes;
        return true;
    }

    internal RedisKey[] Keys() => [.. keys.OfCommit, .. _records, .. _uniques];

    internal RedisValue[] Arguments() =>
    [
        lease.Epoch, lease.Revision, lease.Revision + 1, _steps.Count, keys.RecordPrefixBytes,
        _lastPositions.Count == 0 ? "" : _firstPosition, _lastPositions.Count == 0 ? "" : LastPosition, _storedBytes < MaxWholeBytes ? "whole" : "",
        .. _arguments,
    ];

    internal RedisKey[] KeysOfAdd() => [.. keys.OfAdd, .. _records];

    internal RedisValue[] ArgumentsOfAdd() =>
    [
        lease.Epoch, lease.Revision, lease.Revision + 1, keys.RecordPrefixBytes, _firstPosition, LastPosition, .. Each(RecordArgument), .. _hasClaims ? Each(ClaimArgument) : [],
    ];

    private IEnumerable<RedisValue> Each(int argument) => Enumerable.Range(0, _steps.Count).Select(step => _arguments[(step * ArgumentsPerStep) + argument]);

    private static void Check(JobStep step)
    {
        var entersLane = step is { To: JobPlace.Ready, IsAtTail: true };
        var error = step switch
        {
            { To: JobPlace.Nowhere } => "a step must lead somewhere",
            { From: JobPlace.Nowhere, Record: null } => "an add needs a record",
            { To: JobPlace.Running } when step.From is not JobPlace.Running && step.Claim is null => "a claim is needed to run",
            { To: JobPlace.Running, Token: not null, Claim: not null } => "a step either checks a claim or stores one",
            { From: JobPlace.Nowhere, To: JobPlace.Running, IsAtTail: false } => "a new job needs an entry in its lane",
            { To: JobPlace.Running } when (step.From & ~(JobPlace.Ready | JobPlace.Running)) != 0 => "only a ready job can be claimed",
            { Record: null } when entersLane => "a new entry needs a record with its position",
            { To: JobPlace.Ready } when !entersLane && (step.From & ~(JobPlace.Ready | JobPlace.Running)) != 0 => "only a ready or running job has an entry to keep",
            { To: JobPlace.Due, DueAt: null } => "a due job needs its instant",
            { To: JobPlace.Parked, ParkedName: null } => "a parked job needs its name",
            _ => null,
        };
        if (error is not null)
        {
            throw new ArgumentException($"Step {step.Verb} of job {step.Id} from {step.From} to {step.To} cannot be taken: {error}.", nameof(step));
        }
    }

    /// <summary>Whether a step of this call may end the holder of the key that a step asks for: then who holds it is to be read again first.</summary>
    private bool IsHolderHere(JobStep step) =>
        step.Unique is { Action: UniqueAction.Take } unique
        && (_takenByEnded.Contains(keys.Unique(unique)) || (holders.TryGetValue(keys.Unique(unique), out var holder) && _ids.Contains(holder.Id)));

    /// <summary>The kinds of step are few: each one's six bytes are made once.</summary>
    private static RedisValue Control(JobStep step)
    {
        var (places, lane) = ((int)step.From | ((int)step.To << 6), step.Record?.Priority ?? 0);
        var marks = (step.Record is null ? 1 : 0) | (step.IsAtTail ? 2 : 0) | (step.Claim is null ? 4 : 0);
        return Controls.GetOrAdd(places | (lane << 12) | (marks << 16), static (_, step) => new byte[]
        {
            (byte)step.From,
            (byte)step.To,
            (byte)(step.Record is null ? 'k' : 'n'),
            (byte)(step.IsAtTail ? 't' : 'k'),
            (byte)('0' + (step.Record?.Priority ?? 0)),
            (byte)(step.Claim is null ? 'f' : 'c'),
        }, step);
    }

    /// <summary>A running job's header keeps saying Ready: its place is the claim's existence, and the claim carries a copy of the header.</summary>
    private RecordHeader Header(JobStep step)
    {
        var mark = step switch
        {
            { To: JobPlace.Done, IsListed: true } => RecordHeader.Listed,
            { ExpiresAt: not null } => RecordHeader.Expires,
            _ => RecordHeader.Plain,
        };
        var position = (step.To & JobPlace.Final) != 0 ? ((lease.Revision + 1) * MaxSteps) + _steps.Count : step.Record?.Position ?? 0;
        var place = step.To == JobPlace.Running ? JobPlace.Ready : step.To;
        return new(place, step.Record?.Priority ?? 0, mark, step.Record?.Fingerprint ?? 0, position);
    }

    private static RedisValue Claim(JobStep step) => step switch
    {
        { Claim: { } claim } => StoredRecord.Fence(claim.Token, claim),
        { Token: { } token } => StoredRecord.Fence(token, null),
        _ => RedisValue.EmptyString,
    };

    private RedisValue Value(JobStep step) => step switch
    {
        { To: JobPlace.Ready or JobPlace.Running, IsAtTail: true } => NewPosition(step.Record!),
        { To: JobPlace.Due, DueAt: { } dueAt } => RedisTime.FirstMicrosecondAt(dueAt),
        { To: JobPlace.Parked } => step.ParkedName,
        { Ttl: { } ttl } => RedisTime.Milliseconds(ttl),
        _ => "",
    };

    private RedisValue NewPosition(JobRecord record)
    {
        if (_lastPositions.TryGetValue(record.Priority, out var last) && last >= record.Position)
        {
            throw new ArgumentException($"Positions of lane {record.Priority} of partition {keys.Key} must grow, got {record.Position} after {last}; take them from the lease.", nameof(record));
        }

        _firstPosition = Math.Min(_firstPosition, record.Position);
        _lastPositions[record.Priority] = record.Position;
        LastPosition = Math.Max(LastPosition, record.Position);
        return record.Position;
    }

    private RedisValue Extra(JobStep step)
    {
        if (step.ExpiresAt is null && step.Unique is null)
        {
            return "";
        }

        var expires = step.ExpiresAt is { } expiresAt ? RedisTime.FirstMicrosecondAt(expiresAt).ToString(CultureInfo.InvariantCulture) : "";
        if (step.Unique is not { } unique)
        {
            return expires + ";;;;;";
        }

        var key = keys.Unique(unique);
        _uniques.Add(key);
        if (unique.Action == UniqueAction.Take && (step.To & JobPlace.Final) != 0)
        {
            _takenByEnded.Add(key);
        }

        var held = unique is { Action: UniqueAction.Release, Until: { } until } && until > now ? RedisTime.Milliseconds(until - now).ToString(CultureInfo.InvariantCulture) : "";
        var isTake = unique.Action == UniqueAction.Take;
        var till = isTake ? unique.Until?.ToUnixTimeMilliseconds() : null;
        var ended = isTake && holders.TryGetValue(key, out var holder) && holder.HasEnded ? holder.Id : "";
        return string.Create(CultureInfo.InvariantCulture, $"{expires};{(isTake ? 't' : 'r')};{_uniques.Count};{held};{till};{ended}");
    }
}
