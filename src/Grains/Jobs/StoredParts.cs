using System.Runtime.CompilerServices;
using ProtoBuf;

namespace Krewe.Jobs;

/// <summary>An instant as UTC ticks.</summary>
[ProtoContract]
internal readonly struct StoredInstant(long ticks)
{
    [ProtoMember(1, IsRequired = true)]
    public long Ticks { get; } = ticks;

    public static implicit operator DateTimeOffset(StoredInstant value) => new(value.Ticks, TimeSpan.Zero);

    public static implicit operator StoredInstant(DateTimeOffset value) => new(value.UtcTicks);
}

/// <summary>A part of a record: the stored form of a type that is not the store's own. Members that this version does not know go with the object that is made of it, and are written back with it.</summary>
/// <remarks>The objects are shared, not copied, by all records that a transition makes; so they find their unknown members as long as anybody has them.</remarks>
internal abstract class StoredPart : IExtensible
{
    private static readonly ConditionalWeakTable<object, IExtension> Kept = [];
    private static volatile bool _isAnyKept;

    private IExtension? _unknownMembers;

    IExtension IExtensible.GetExtensionObject(bool createIfMissing) => Extensible.GetExtensionObject(ref _unknownMembers, createIfMissing);

    /// <summary>Gives an object that was made of this part what it has no members for.</summary>
    protected T Made<T>(T made)
        where T : class
    {
        if (_unknownMembers is { } unknown)
        {
            Kept.AddOrUpdate(made, unknown);
            _isAnyKept = true;
        }

        return made;
    }

    /// <summary>Takes back what an object has no members for.</summary>
    protected void TakeFrom(object source) => _unknownMembers = _isAnyKept && Kept.TryGetValue(source, out var unknown) ? unknown : null;
}

/// <inheritdoc cref="JobSettings"/>
[ProtoContract]
internal sealed class StoredSettings : StoredPart
{
    [ProtoMember(1)]
    public int? MaxRetries { get; set; }

    [ProtoMember(2)]
    public RetryPolicy? Retry { get; set; }

    [ProtoMember(3)]
    public TimeSpan? SoftTimeLimit { get; set; }

    [ProtoMember(4)]
    public TimeSpan? TimeLimit { get; set; }

    [ProtoMember(5)]
    public TimeSpan? ResultTtl { get; set; }

    [ProtoMember(6)]
    public bool? IgnoreResult { get; set; }

    [ProtoMember(7)]
    public Delivery? Delivery { get; set; }

    [ProtoMember(8)]
    public bool? RetryOnHardLimit { get; set; }

    public static implicit operator JobSettings?(StoredSettings? stored) => stored?.Made(new JobSettings
    {
        MaxRetries = stored.MaxRetries,
        Retry = stored.Retry,
        SoftTimeLimit = stored.SoftTimeLimit,
        TimeLimit = stored.TimeLimit,
        ResultTtl = stored.ResultTtl,
        IgnoreResult = stored.IgnoreResult,
        Delivery = stored.Delivery,
        RetryOnHardLimit = stored.RetryOnHardLimit,
    });

    public static implicit operator StoredSettings?(JobSettings? settings)
    {
        if (settings is null)
        {
            return null;
        }

        var stored = new StoredSettings
        {
            MaxRetries = settings.MaxRetries,
            Retry = settings.Retry,
            SoftTimeLimit = settings.SoftTimeLimit,
            TimeLimit = settings.TimeLimit,
            ResultTtl = settings.ResultTtl,
            IgnoreResult = settings.IgnoreResult,
            Delivery = settings.Delivery,
            RetryOnHardLimit = settings.RetryOnHardLimit,
        };
        stored.TakeFrom(settings);
        return stored;
    }
}

/// <inheritdoc cref="JobError"/>
[ProtoContract]
internal sealed class StoredError : StoredPart
{
    [ProtoMember(1)]
    public int Attempt { get; set; }

    [ProtoMember(2)]
    public string? Type { get; set; }

    [ProtoMember(3)]
    public string? Message { get; set; }

    [ProtoMember(4)]
    public string? Stack { get; set; }

    [ProtoMember(5)]
    public DateTimeOffset At { get; set; }

    [ProtoMember(6)]
    public bool IsRetryable { get; set; }

    public static implicit operator JobError?(StoredError? stored) => stored?.Made(new JobError(stored.Attempt, stored.Type ?? "", stored.Message ?? "", stored.Stack, stored.At, stored.IsRetryable));

    public static implicit operator StoredError?(JobError? error)
    {
        if (error is null)
        {
            return null;
        }

        var stored = new StoredError { Attempt = error.Attempt, Type = error.Type, Message = error.Message, Stack = error.Stack, At = error.At, IsRetryable = error.IsRetryable };
        stored.TakeFrom(error);
        return stored;
    }
}

/// <inheritdoc cref="JobProgress"/>
[ProtoContract]
internal sealed class StoredProgress : StoredPart
{
    [ProtoMember(1)]
    public long Done { get; set; }

    [ProtoMember(2)]
    public long Total { get; set; }

    [ProtoMember(3)]
    public string? Note { get; set; }

    public static implicit operator JobProgress?(StoredProgress? stored) => stored?.Made(new JobProgress(stored.Done, stored.Total, stored.Note));

    public static implicit operator StoredProgress?(JobProgress? progress)
    {
        if (progress is null)
        {
            return null;
        }

        var stored = new StoredProgress { Done = progress.Done, Total = progress.Total, Note = progress.Note };
        stored.TakeFrom(progress);
        return stored;
    }
}

/// <inheritdoc cref="RetryPolicy"/>
[ProtoContract]
internal sealed class StoredRetryPolicy : StoredPart
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

    public static implicit operator RetryPolicy?(StoredRetryPolicy? stored) => stored?.Made(new RetryPolicy
    {
        Kind = stored.Kind,
        Base = stored.Base,
        Cap = stored.Cap,
        Delays = stored.Delays ?? [],
        Jitter = stored.Jitter,
        RetryOn = stored.RetryOn ?? [],
        DontRetryOn = stored.DontRetryOn ?? [],
    });

    public static implicit operator StoredRetryPolicy?(RetryPolicy? policy)
    {
        if (policy is null)
        {
            return null;
        }

        var stored = new StoredRetryPolicy
        {
            Kind = policy.Kind,
            Base = policy.Base,
            Cap = policy.Cap,
            Delays = [.. policy.Delays],
            Jitter = policy.Jitter,
            RetryOn = [.. policy.RetryOn],
            DontRetryOn = [.. policy.DontRetryOn],
        };
        stored.TakeFrom(policy);
        return stored;
    }
}
