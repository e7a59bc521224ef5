using System.Diagnostics.CodeAnalysis;
using Krewe.Storage;
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
        var model = NewModel();
        model.Add(typeof(JobRecord), true);
        model.Add(typeof(JobClaim), true);
        model.CompileInPlace();
        return model;
    }

    /// <summary>A model that knows the parts of stored forms.</summary>
    internal static RuntimeTypeModel NewModel()
    {
        var model = RuntimeTypeModel.Create();
        model.Add(typeof(DateTimeOffset), false).SetSurrogate(typeof(StoredInstant));
        model.Add(typeof(JobError), false).SetSurrogate(typeof(StoredError));
        model.Add(typeof(JobProgress), false).SetSurrogate(typeof(StoredProgress));
        model.Add(typeof(JobSettings), false).SetSurrogate(typeof(StoredSettings));
        model.Add(typeof(RetryPolicy), false).SetSurrogate(typeof(StoredRetryPolicy));
        return model;
    }
}
