using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Krewe.Flows;

namespace Krewe.Jobs;

/// <summary>Ids, fingerprints and the choice of partitions. Pure but for the randomness of a new id.</summary>
/// <remarks>
/// The hashes are part of the stored layout and must never change: XxHash3 of the UTF-8 of an id (or of name, 0, unique key), modulo the queue's
/// partitions, picks the partition; of an id like a flow's job's, <c>x.7</c>, it is that of <c>x</c>, and one further for every 32 numbers, so that a small flow is one partition's business and
/// a large one is spread evenly. XxHash64 of name, 0, args is the fingerprint. Generated ids are made so that the hash agrees with the partition
/// that the client picked: repeating a job under its id, as a caller's own id, always leads to the partition that may hold it.
/// </remarks>
internal static class JobKeys
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int IdLength = 26;
    private const int Neighbours = 32;

    /// <summary>A new id, time-ordered to the millisecond: the 128 bits of a version 7 UUID in Crockford's base 32, lower case.</summary>
    internal static string NewId(int partition, int partitions, DateTimeOffset now)
    {
        Span<byte> id = stackalloc byte[IdLength];
        while (true)
        {
            WriteBase32(Guid.CreateVersion7(now), id);
            if (partitions == 1 || Steer(id, partition, partitions))
            {
                return Encoding.ASCII.GetString(id);
            }
        }
    }

    /// <summary>The partition of a caller's own id, or of a flow's job.</summary>
    internal static int PartitionOf(string id, int partitions)
    {
        if (partitions == 1)
        {
            return 0;
        }

        var isMember = FlowIds.TryParseMember(id, out var flowId, out var index);
        return (Bucket(Encoding.UTF8.GetBytes(isMember ? flowId : id), partitions) + (isMember ? index / Neighbours : 0)) % partitions;
    }

    /// <summary>The partition of a unique key, which is scoped to the job's name.</summary>
    internal static int PartitionOf(string jobName, string uniqueKey, int partitions) => partitions == 1 ? 0 : Bucket(Encoding.UTF8.GetBytes($"{jobName}\0{uniqueKey}"), partitions);

    /// <summary>Equal for the same name and args.</summary>
    internal static ulong Fingerprint(string jobName, ReadOnlySpan<byte> args)
    {
        Span<byte> name = stackalloc byte[(JobIds.MaxNameLength * 3) + 1];
        var length = Encoding.UTF8.GetBytes(jobName, name);
        name[length] = 0;
        var hash = new XxHash64();
        hash.Append(name[..(length + 1)]);
        hash.Append(args);
        return hash.GetCurrentHashAsUInt64();
    }

    internal static void WriteBase32(Guid value, Span<byte> text)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        var bits = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        for (var at = IdLength - 1; at >= 0; at--)
        {
            text[at] = (byte)Alphabet[(int)(bits & 31)];
            bits >>= 5;
        }
    }

    /// <summary>Replaces the last ten random bits until the hash gives the partition; fails once in ten million ids at 64 partitions.</summary>
    private static bool Steer(Span<byte> id, int partition, int partitions)
    {
        var (first, second) = (Alphabet.IndexOf((char)id[^2], StringComparison.Ordinal), Alphabet.IndexOf((char)id[^1], StringComparison.Ordinal));
        for (var step = 0; step < 1024; step++)
        {
            id[^1] = (byte)Alphabet[(second + step) & 31];
            id[^2] = (byte)Alphabet[(first + (step >> 5)) & 31];
            if (Bucket(id, partitions) == partition)
            {
                return true;
            }
        }

        return false;
    }

    private static int Bucket(ReadOnlySpan<byte> text, int partitions) => (int)(XxHash3.HashToUInt64(text) % (ulong)partitions);
}
