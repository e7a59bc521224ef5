using Krewe.Storage;

namespace Krewe.Jobs;

/// <summary>A record on the wire between silos: its stored bytes, so that there is one form to keep compatible.</summary>
[GenerateSerializer, Immutable, Alias("krewe.job-record")]
internal struct JobRecordSurrogate
{
    [Id(0)]
    public byte[] Bytes;
}

/// <inheritdoc cref="JobRecordSurrogate"/>
[RegisterConverter]
internal sealed class JobRecordConverter : IConverter<JobRecord, JobRecordSurrogate>
{
    public JobRecord ConvertFromSurrogate(in JobRecordSurrogate surrogate) => JobRecordCodec.TryDecode(surrogate.Bytes, out var record, out var reason)
        ? record
        : throw new InvalidDataException($"A job record from another silo cannot be read: {reason}.");

    public JobRecordSurrogate ConvertToSurrogate(in JobRecord value) => new() { Bytes = JobRecordCodec.Encode(value) };
}

/// <summary>A claim on the wire between silos: its stored bytes.</summary>
[GenerateSerializer, Immutable, Alias("krewe.job-claim")]
internal struct JobClaimSurrogate
{
    [Id(0)]
    public byte[] Bytes;
}

/// <inheritdoc cref="JobClaimSurrogate"/>
[RegisterConverter]
internal sealed class JobClaimConverter : IConverter<JobClaim, JobClaimSurrogate>
{
    public JobClaim ConvertFromSurrogate(in JobClaimSurrogate surrogate) => JobRecordCodec.DecodeClaim(surrogate.Bytes);

    public JobClaimSurrogate ConvertToSurrogate(in JobClaim value) => new() { Bytes = JobRecordCodec.Encode(value) };
}
