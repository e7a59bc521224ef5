using ProtoBuf;

namespace Krewe.Storage;

/// <summary>A worker's right to run a job. Stored beside the job while it lies in <see cref="JobPlace.Running"/>.</summary>
/// <remarks>Additive as <see cref="Jobs.JobRecord"/> is. Good while its silo is a member of its cluster and its worker says that it holds the token; never judged by time.</remarks>
[ProtoContract]
internal sealed record JobClaim : IExtensible
{
    private IExtension? _unknownMembers;

    /// <summary><c>&lt;delivery&gt;-&lt;64 random bits as 16 hex digits&gt;</c>; unique, compared for equality only.</summary>
    [ProtoMember(1)]
    public required string Token { get; init; }

    /// <summary>The silo's parsable address with its generation; in embedded mode the same, of the process that held the file.</summary>
    [ProtoMember(2)]
    public required string Silo { get; init; }

    [ProtoMember(3)]
    public required string ClusterId { get; init; }

    /// <summary>Membership version at which the owner saw the silo alive.</summary>
    [ProtoMember(4)]
    public long MembershipVersion { get; init; }

    [ProtoMember(5)]
    public DateTimeOffset ClaimedAt { get; init; }

    /// <summary>The silo's name, for people.</summary>
    [ProtoMember(6)]
    public string? WorkerName { get; init; }

    /// <summary>Whether the job was handed out as the one suspect of its silo.</summary>
    [ProtoMember(7)]
    public bool IsSuspect { get; init; }

    IExtension IExtensible.GetExtensionObject(bool createIfMissing) => Extensible.GetExtensionObject(ref _unknownMembers, createIfMissing);
}
