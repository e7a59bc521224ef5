using Krewe.Jobs;
using ProtoBuf.Meta;

namespace Krewe.Flows;

/// <summary>Turns entries of flows' logs and their summaries into bytes and back.</summary>
internal static class FlowEntryCodec
{
    private const int StateBits = 2;
    private static readonly RuntimeTypeModel Model = CreateModel();

    internal static byte[] Encode(FlowEntry entry) => EncodeAny(entry);

    internal static byte[] Encode(FlowSummary summary) => EncodeAny(summary);

    /// <exception cref="InvalidDataException">The bytes are not an entry.</exception>
    internal static FlowEntry Decode(byte[] bytes) => DecodeAny<FlowEntry>(bytes);

    /// <inheritdoc cref="Decode"/>
    internal static FlowSummary DecodeSummary(byte[] bytes) => DecodeAny<FlowSummary>(bytes);

    /// <summary>Writes ends; see <see cref="FlowEntry.Ends"/>.</summary>
    internal static byte[] EncodeEnds(IReadOnlyList<(int Job, JobState State)> ends)
    {
        var bytes = new List<byte>(ends.Count * 2);
        var last = 0;
        foreach (var (job, state) in ends)
        {
            var distance = job - last;
            last = job;
            for (var rest = ((ulong)(uint)((distance << 1) ^ (distance >> 31)) << StateBits) | (uint)(state - JobState.Succeeded); ; rest >>= 7)
            {
                bytes.Add((byte)(rest < 0x80 ? rest : (rest & 0x7f) | 0x80));
                if (rest < 0x80)
                {
                    break;
                }
            }
        }

        return [.. bytes];
    }

    /// <summary>Reads ends.</summary>
    internal static IEnumerable<(int Job, JobState State)> DecodeEnds(byte[] bytes)
    {
        var (last, value, shift) = (0, 0UL, 0);
        foreach (var part in bytes)
        {
            value |= (ulong)(part & 0x7f) << shift;
            shift += 7;
            if (part >= 0x80)
            {
                continue;
            }

            var zigzag = (uint)(value >> StateBits);
            last += (int)(zigzag >> 1) ^ -(int)(zigzag & 1);
            yield return (last, JobState.Succeeded + (int)(value & ((1 << StateBits) - 1)));
            (value, shift) = (0, 0);
        }
    }

    private static byte[] EncodeAny<T>(T value)
    {
        using var bytes = new MemoryStream();
        Model.Serialize(bytes, value);
        return bytes.ToArray();
    }

    private static T DecodeAny<T>(byte[] bytes)
    {
        try
        {
            return Model.Deserialize<T>(bytes.AsSpan());
        }
        catch (Exception exception) when (exception is ProtoBuf.ProtoException or InvalidOperationException or IOException or OverflowException or ArgumentException)
        {
            throw new InvalidDataException($"A part of the flow cannot be read: {exception.Message}", exception);
        }
    }

    private static RuntimeTypeModel CreateModel()
    {
        var model = JobRecordCodec.NewModel();
        model.Add(typeof(FlowEntry), true);
        model.Add(typeof(FlowSummary), true);
        model.CompileInPlace();
        return model;
    }
}
