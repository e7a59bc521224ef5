using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>Flows in Redis, over the connection that the jobs have; <see cref="RedisJobStore.ConnectAsync"/> makes it.</summary>
/// <remarks>
/// <para>A flow's keys share a hash tag: head (a hash), log (a list). An append is one script, which compares the length before it writes anything; log and head
/// go by the same instant.</para>
/// <para>The catalogue lies in a slot of its own, so it is written before an append that makes or opens a flow, and after one that closes it. What a crash between
/// the two leaves is an entry of a flow that is not there or not open: <see cref="ForgetOpenAsync"/> settles it, also while somebody opens that very flow.</para>
/// <para>In a full store new flows are refused by Redis itself, before the script begins; appends to those that are there go through.</para>
/// </remarks>
internal sealed class RedisFlowStore : IFlowStore
{
    private const int Taken = 0;
    private const int WrongLength = -1;
    private const int MaxEnterings = 10;

    /// <summary>Pages of the catalogue that a listing looks at; when most of their flows are gone, it is short and names where to go on.</summary>
    private const int MaxListings = 8;

    /// <summary>An entry of a younger flow may be of one whose first append is on its way.</summary>
    private static readonly TimeSpan GoneAfter = TimeSpan.FromMinutes(10);
    private static readonly RedisValue[] HeadFields = ["created", "open", "ttl", "summary"];

    private readonly string _prefix;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly RedisCaller _caller;

    public RedisFlowStore(RedisConnection connection, IOptions<RedisStoreOptions> options, TimeProvider timeProvider, ILogger<RedisFlowStore> logger)
    {
        (_prefix, _timeProvider, _logger) = (options.Value.KeyPrefix, timeProvider, logger);
        _caller = new(connection, options, logger);
        Catalogue = new(_caller, _prefix);
    }

    internal RedisFlowCatalogue Catalogue { get; }

    public async Task<FlowAppend> AppendAsync(string id, long expectedLength, FlowHead head, IReadOnlyList<byte[]> entries)
    {
        FlowLimits.Check(id, expectedLength, head, entries);
        DateTimeOffset? newAt = expectedLength == 0 ? head.CreatedAt : null;
        try
        {
            var opening = newAt is null ? 0 : await Catalogue.EnterAsync(id, 0, newAt);
            for (var enterings = 0; enterings < MaxEnterings; enterings++)
            {
                var result = await SendAsync(id, expectedLength, head, entries, opening);
                switch ((int)result[0])
                {
                    case Taken:
                        await SettleTakenAsync(id, head, result);
                        return FlowAppend.Taken;
                    case WrongLength:
                        await SettleRefusedAsync(id, opening);
                        return FlowAppend.WrongLength;
                    default:
                        opening = await Catalogue.EnterAsync(id, (long)result[1], newAt);
                        break;
                }
            }
        }
        catch (RedisServerException exception) when (newAt is not null && RedisErrors.IsFull(exception))
        {
            return (await SettleAsync(id)).State == FlowStanding.Gone ? FlowAppend.Full : FlowAppend.WrongLength;
        }

        throw new StoreUnavailableException($"Flow '{id}' is being opened and taken out of the catalogue at once, {MaxEnterings} times; nothing was written. Try again.");
    }

    public async Task<FlowLogPage?> ReadAsync(string id, long from)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        var keys = new FlowKeys(_prefix, id);
        var result = await _caller.RunAsync(_caller.Scripts.FlowRead, [keys.Head, keys.Log], from, FlowLimits.MaxBytes);
        if (result.IsNull)
        {
            return null;
        }

        const int fields = 5;
        var head = Head((string)result[0]!, (string)result[1]!, (string)result[2]!, (byte[])result[3]!);
        var entries = new byte[result.Length - fields][];
        for (var number = 0; number < entries.Length; number++)
        {
            entries[number] = (byte[])result[number + fields]!;
        }

        return new(head, (long)result[fields - 1], entries);
    }

    public Task<IReadOnlyList<string>> ListOpenAsync(string? after, int max) => Catalogue.ListOpenAsync(after, max);

    public Task ForgetOpenAsync(string id) => SettleAsync(id);

    public async Task<FlowHeadPage> ListAsync(string? after, int max)
    {
        FlowCursor? last = after is null ? null : FlowCursor.Parse(after);
        List<(string Id, FlowHead Head)> flows = [];
        for (var listings = 0; listings < MaxListings && flows.Count < max; listings++)
        {
            var wanted = max - flows.Count;
            var found = await Catalogue.ListAsync(last, wanted + 1);
            var page = found.Take(wanted).ToArray();
            var heads = await ReadHeadsAsync(page);
            flows.AddRange(page.Zip(heads).Where(pair => pair.Second is not null).Select(pair => (pair.First.Id, pair.Second!)));
            await DropAsync(page.Zip(heads).Where(pair => pair.Second is null).Select(pair => pair.First));
            if (found.Count <= wanted)
            {
                return new(flows, null);
            }

            last = page[^1];
        }

        return new(flows, last?.ToString());
    }

    private Task<RedisResult> SendAsync(string id, long expectedLength, FlowHead head, IReadOnlyList<byte[]> entries, long opening)
    {
        var (keys, scripts) = (new FlowKeys(_prefix, id), _caller.Scripts);
        RedisValue[] arguments =
        [
            expectedLength,
            head.CreatedAt.UtcTicks,
            head.IsOpen ? "1" : "0",
            head.Ttl is { } ttl ? RedisTime.Milliseconds(ttl) : "",
            head.Ttl is { Ticks: var ticks } ? ticks : "",
            opening,
            head.Summary,
            .. entries.Select(static entry => (RedisValue)entry),
        ];
        return _caller.RunAsync(expectedLength == 0 ? scripts.FlowAppendNew : scripts.FlowAppend, [keys.Head, keys.Log, keys.Fence], arguments);
    }

    /// <summary>The append is durable, so it is no failure when the catalogue cannot be told.</summary>
    private async Task SettleTakenAsync(string id, FlowHead head, RedisResult taken)
    {
        if (!head.IsOpen)
        {
            var standing = new FlowStanding(FlowStanding.Closed, (long)taken[1], (string)taken[3]!);
            await TryAsync(id, () => Catalogue.SettleAsync(id, (long)taken[2], standing));
        }
    }

    /// <summary>Whoever entered for nothing leaves again.</summary>
    private async Task SettleRefusedAsync(string id, long opening)
    {
        if (opening != 0)
        {
            await TryAsync(id, () => SettleAsync(id));
        }
    }

    private async Task TryAsync(string id, Func<Task> settle)
    {
        try
        {
            await settle();
        }
        catch (StoreUnavailableException exception)
        {
            _logger.FlowNotSettled(id, exception.Message);
        }
    }

    private async Task<FlowStanding> SettleAsync(string id)
    {
        var keys = new FlowKeys(_prefix, id);
        var opening = await Catalogue.OpeningAsync(id);
        var fenced = await _caller.RunAsync(_caller.Scripts.FlowFence, [keys.Head, keys.Fence], opening);
        var state = (string)fenced[0]!;
        var standing = new FlowStanding(state, state == FlowStanding.Gone ? 0 : (long)fenced[1], (string)fenced[2]!);
        await Catalogue.SettleAsync(id, opening, standing);
        return standing;
    }

    private Task<FlowHead?[]> ReadHeadsAsync(IReadOnlyList<FlowCursor> flows) => _caller.CallAsync(database => Task.WhenAll(flows.Select(async flow =>
    {
        var fields = await database.HashGetAsync(new FlowKeys(_prefix, flow.Id).Head, HeadFields, CommandFlags.DemandMaster);
        return fields[0].IsNull ? null : Head(fields[0]!, fields[1]!, fields[2]!, (byte[])fields[3]!);
    })));

    private Task DropAsync(IEnumerable<FlowCursor> gone)
    {
        var before = RedisTime.LastMicrosecondAt(_timeProvider.GetUtcNow() - GoneAfter);
        return Catalogue.DropAsync(gone.Where(flow => flow.CreatedAt < before));
    }

    private static FlowHead Head(string created, string open, string ttl, byte[] summary) => new(
        new(long.Parse(created, CultureInfo.InvariantCulture), TimeSpan.Zero),
        open == "1",
        ttl.Length == 0 ? null : new(long.Parse(ttl, CultureInfo.InvariantCulture)),
        summary);
}
