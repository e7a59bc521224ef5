using System.Diagnostics.CodeAnalysis;
using Krewe.Storage;
using ProtoBuf;
using ProtoBuf.Meta;

namespace Krewe.Jobs;

/// <summary>Turns records and claims into bytes and back.</summary>
internal static class JobRecordCodec
{
    private const int FirstBufferBytes = 4 * 1024;
    private const int LargestKeptBufferBytes = 256 * 1024;
    private static readonly RuntimeTypeModel Model = CreateModel();

    [ThreadStatic]
    private static System.Buffers.ArrayBufferWriter<byte>? _buffer;

    /// <summary>Writes a record.</summary>
    /// <param name="record">What to write.</param>
    /// <param name="headroom">Bytes to leave free at the beginning, for the caller's own.</param>
    internal static byte[] Encode(JobRecord record, int headroom = 0) => EncodeAny(record, headroom);

    /// <summary>Writes a claim.</summary>
    /// <param name="claim">What to write.</param>
    /// <param name="headroom">Bytes to leave free at the beginning, for the caller's own.</param>
    internal static byte[] Encode(JobClaim claim, int headroom = 0) => EncodeAny(claim, headroom);

    /// <summary>Reads a record; false, with the reason, when the bytes are not one. Never throws.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever lies in the store must not stop the engine; the bytes become a dead letter.")]
    internal static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out JobRecord? record, [NotNullWhen(false)] out string? reason)
    {
        try
        {
            record = Model.Deserialize<JobRecord>(bytes);
            reason = string.IsNullOrEmpty(record.Id) || string.IsNullOrEmpty(record.Name) || record.Priority is < 0 or > 9 ? "id, name or priority is missing" : null;
        }
        catch (Exception exception)
        {
            (record, reason) = (null, exception.Message);
        }

        record = reason is null ? record : null;
        return record is not null;
    }

    /// <summary>Reads a claim.</summary>
    internal static JobClaim DecodeClaim(ReadOnlySpan<byte> bytes) => Model.Deserialize<JobClaim>(bytes);

    /// <remarks>One buffer per thread is used again and again: encoding was two fifths of what a job allocates.</remarks>
    private static byte[] EncodeAny<T>(T value, int headroom)
    {
        var buffer = _buffer ?? new(FirstBufferBytes);
        _buffer = null; // Should the serializer come back here on this thread, it gets another one.
        Model.Serialize(buffer, value);
        var bytes = GC.AllocateUninitializedArray<byte>(headroom + buffer.WrittenCount);
        bytes.AsSpan(0, headroom).Clear();
        buffer.WrittenSpan.CopyTo(bytes.AsSpan(headroom));
        buffer.ResetWrittenCount();
        _buffer = buffer.Capacity <= LargestKeptBufferBytes ? buffer : null;
        return bytes;
    }

    private static RuntimeTypeModel CreateModel()
    {
        var model = RuntimeTypeModel.Create();
        model.Add(typeof(DateTimeOffset), false).SetSurrogate(typeof(StoredInstant));
        model.Add(typeof(JobError), true).UseConstructor = false;
        model.Add(typeof(JobProgress), true).UseConstructor = false;
        model.Add(typeof(RetryPolicy), false).SetSurrogate(typeof(StoredRetryPolicy));
        model.Add(typeof(JobRecord), true);
        model.Add(typeof(JobClaim), true);
        model.CompileInPlace();
        return model;
    }
}

/// <summary>An instant as UTC ticks.</summary>
[ProtoContract]
internal readonly struct StoredInstant(long ticks)
{
    [ProtoMember(1, IsRequired = true)]
    public long Ticks { get; } = ticks;

    public static implicit operator DateTimeOffset(StoredInstant value) => new(value.Ticks, TimeSpan.Zero);

    public static implicit operator StoredInstant(DateTimeOffset value) => new(value.UtcTicks);
}

/// <summary>A retry policy; separate from the public one because its lists must be writable to be read.</summary>
[ProtoContract]
internal sealed class StoredRetryPolicy
{
    [ProtoMember(1)]
    public Backoff Kind { get; set; }

    [ProtoMember(2)]
    public TimeSpan Base { get; set; }

    [ProtoMember(3)]
    public TimeSpan Cap { get; set; }

    [ProtoMember(4)]
    public List<TimeSpan>? Delays { get; set; }

    [ProtoMember(5)]
    public Jitter Jitter { get; set; }

    [ProtoMember(6)]
    public List<string>? RetryOn { get; set; }

    [ProtoMember(7)]
    public List<string>? DontRetryOn { get; set; }

    public static implicit operator RetryPolicy?(StoredRetryPolicy? stored) => stored is null ? null : new()
    {
        Kind = stored.Kind,
        Base = stored.Base,
        Cap = stored.Cap,
        Delays = stored.Delays ?? [],
        Jitter = stored.Jitter,
        RetryOn = stored.RetryOn ?? [],
        DontRetryOn = stored.DontRetryOn ?? [],
    };

    public static implicit operator StoredRetryPolicy?(RetryPolicy? policy) => policy is null ? null : new()
    {
        Kind = policy.Kind,
        Base = policy.Base,
        Cap = policy.Cap,
        Delays = [.. policy.Delays],
        Jitter = policy.Jitter,
        RetryOn = [.. policy.RetryOn],
        DontRetryOn = [.. policy.DontRetryOn],
    };
}
