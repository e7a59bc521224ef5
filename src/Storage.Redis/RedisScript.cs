using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Krewe.Storage.Redis;

/// <summary>A Lua script and the hash that Redis knows it by.</summary>
internal sealed class RedisScript
{
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "Redis names scripts by their SHA-1.")]
    private RedisScript(string name, string source)
    {
        Name = name;
        Source = source;
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(source));
    }

    internal string Name { get; }

    internal string Source { get; }

    internal byte[] Hash { get; }

    /// <summary>Reads <c>Scripts/&lt;name&gt;.lua</c>.</summary>
    /// <param name="name">The file's name without its ending.</param>
    /// <param name="prelude">Lua to put after the first line.</param>
    internal static RedisScript Load(string name, string prelude)
    {
        var type = typeof(RedisScript);
        using var stream = type.Assembly.GetManifestResourceStream($"Krewe.Scripts.{name}.lua")
            ?? throw new InvalidOperationException($"Script {name} is not embedded; expected src/Storage.Redis/Scripts/{name}.lua.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var source = reader.ReadToEnd().ReplaceLineEndings("\n");
        return new(name, prelude.Length == 0 ? source : source.Insert(source.IndexOf('\n', StringComparison.Ordinal) + 1, prelude + "\n"));
    }

    /// <summary>The same script without its flags: Redis refuses it when it is full.</summary>
    internal RedisScript RefusedWhenFull() => new(Name + " (new work)", "#!lua" + Source[Source.IndexOf('\n', StringComparison.Ordinal)..]);
}

/// <summary>All scripts of the store.</summary>
internal sealed class RedisScripts
{
    internal RedisScripts(string prelude)
    {
        RedisScript Load(string name) => RedisScript.Load(name, prelude);
        Commit = Load("commit");
        CommitNewWork = Commit.RefusedWhenFull();
        Add = Load("add");
        (Open, Close, Catalogue, Declare) = (Load("open"), Load("close"), Load("catalogue"), Load("declare"));
        (Records, Count, Purge, Sweep, Holders, Compact) = (Load("records"), Load("count"), Load("purge"), Load("sweep"), Load("holders"), Load("compact"));
        (FlowAppend, FlowCatalogue) = (Load("flow-append"), Load("flow-catalogue"));
        (FlowAppendNew, FlowCatalogueNew) = (FlowAppend.RefusedWhenFull(), FlowCatalogue.RefusedWhenFull());
        ScheduleWrite = Load("schedule-write");
        ScheduleWriteNew = ScheduleWrite.RefusedWhenFull();
        (FlowFence, FlowList, FlowRead) = (Load("flow-fence"), Load("flow-list"), Load("flow-read"));
    }

    internal RedisScript Commit { get; }

    /// <summary><see cref="Commit"/>, refused as a whole by a full store.</summary>
    internal RedisScript CommitNewWork { get; }

    /// <summary>What <see cref="CommitNewWork"/> does with a batch of new jobs and nothing else, where nothing speaks against it.</summary>
    internal RedisScript Add { get; }

    internal RedisScript Open { get; }

    internal RedisScript Close { get; }

    internal RedisScript Catalogue { get; }

    internal RedisScript Declare { get; }

    internal RedisScript Records { get; }

    internal RedisScript Count { get; }

    internal RedisScript Purge { get; }

    internal RedisScript Sweep { get; }

    internal RedisScript Holders { get; }

    internal RedisScript Compact { get; }

    internal RedisScript FlowAppend { get; }

    /// <summary><see cref="FlowAppend"/>, refused by a full store.</summary>
    internal RedisScript FlowAppendNew { get; }

    internal RedisScript FlowCatalogue { get; }

    /// <summary><see cref="FlowCatalogue"/>, refused by a full store.</summary>
    internal RedisScript FlowCatalogueNew { get; }

    internal RedisScript FlowFence { get; }

    internal RedisScript FlowList { get; }

    internal RedisScript FlowRead { get; }

    internal RedisScript ScheduleWrite { get; }

    /// <summary><see cref="ScheduleWrite"/>, refused by a full store.</summary>
    internal RedisScript ScheduleWriteNew { get; }

    internal IEnumerable<RedisScript> All =>
    [
        Commit, CommitNewWork, Add, Open, Close, Catalogue, Declare, Records, Count, Purge, Sweep, Holders, Compact,
        FlowAppend, FlowAppendNew, FlowCatalogue, FlowCatalogueNew, FlowFence, FlowList, FlowRead, ScheduleWrite, ScheduleWriteNew,
    ];
}
