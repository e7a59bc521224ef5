namespace Krewe;

/// <summary>Args, options, an id or a name do not fit; nothing was stored.</summary>
[GenerateSerializer, Alias("krewe.invalid-job")]
public sealed class InvalidJobException : KreweException
{
    internal InvalidJobException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>No queue of this name exists; nothing was stored.</summary>
[GenerateSerializer, Alias("krewe.unknown-queue")]
public sealed class UnknownQueueException : KreweException
{
    internal UnknownQueueException(string queue, string? place = null)
        : base($"{(place is null ? "There" : $"At {place}: there")} is no queue '{queue}'; name it in Krewe:Queues or in a silo's --queues, or set Krewe:CreateMissingQueues.") => Queue = queue;

    /// <summary>The queue that was asked for.</summary>
    [Id(0)]
    public string Queue { get; }
}

/// <summary>No job of this name was ever declared (HTTP only; the .NET client may enqueue any name).</summary>
[GenerateSerializer, Alias("krewe.unknown-job")]
public sealed class UnknownJobException : KreweException
{
    internal UnknownJobException(string jobName)
        : base($"No job named '{jobName}' was ever declared; check the name against the handlers in GET /api/workers.") => JobName = jobName;

    /// <summary>The name that was asked for.</summary>
    [Id(0)]
    public string JobName { get; }
}

/// <summary>The id belongs to a job with another name or other args; nothing was stored.</summary>
[GenerateSerializer, Alias("krewe.id-conflict")]
public sealed class JobIdConflictException : KreweException
{
    internal JobIdConflictException(string jobId)
        : base($"The id '{jobId}' belongs to a job with another name or other args; use another id, or repeat the same job.") => JobId = jobId;

    /// <summary>The id in conflict, in full.</summary>
    [Id(0)]
    public string JobId { get; }
}

/// <summary>Another job holds the unique key, so this one cannot be redriven.</summary>
[GenerateSerializer, Alias("krewe.unique-key-held")]
public sealed class UniqueKeyHeldException : KreweException
{
    internal UniqueKeyHeldException(string jobId, string holderId)
        : base($"The unique key of '{jobId}' is held by '{holderId}'; wait until that job is final, then redrive again.") => (JobId, HolderId) = (jobId, holderId);

    /// <summary>The job that was to be redriven.</summary>
    [Id(0)]
    public string JobId { get; }

    /// <summary>The job that holds the key.</summary>
    [Id(1)]
    public string HolderId { get; }
}

/// <summary>Args or a result are over the limit.</summary>
[GenerateSerializer, Alias("krewe.payload-too-large")]
public sealed class PayloadTooLargeException : KreweException
{
    internal PayloadTooLargeException(string what, long bytes, long limitBytes)
        : base($"{what} may have {limitBytes} bytes, got {bytes}; store the payload elsewhere and pass its key, or raise Krewe:MaxPayloadBytes.") => (Bytes, LimitBytes) = (bytes, limitBytes);

    /// <summary>The size that came.</summary>
    [Id(0)]
    public long Bytes { get; }

    /// <summary>The size that is allowed.</summary>
    [Id(1)]
    public long LimitBytes { get; }
}

/// <summary>The queue holds as many jobs as it may, or its store is full; nothing was stored.</summary>
[GenerateSerializer, Alias("krewe.queue-full")]
public sealed class QueueFullException : KreweException
{
    internal QueueFullException(string queue)
        : base($"The queue '{queue}' takes no new job: it is at its limit, or its store is full. Try again later, raise Krewe:Queues:{queue}:MaxQueueLength, or give the store room.") => Queue = queue;

    private QueueFullException(string message, string queue)
        : base(message) => Queue = queue;

    /// <summary>The store has no room for a new flow, whatever its queues.</summary>
    internal static QueueFullException OfStore(string flowId) => new($"The store is full; nothing of the flow '{flowId}' was stored. Give the store room, and enqueue the flow again.", "");

    /// <summary>The store has no room for a new schedule.</summary>
    internal static QueueFullException OfSchedule(string scheduleId) => new($"The store is full; the schedule '{scheduleId}' was not stored. Give the store room, and create it again.", "");

    /// <summary>The queue that is full; empty where the store was for a flow or a schedule.</summary>
    [Id(0)]
    public string Queue { get; }
}

/// <summary>The store did not answer.</summary>
[GenerateSerializer, Alias("krewe.store-unavailable")]
public sealed class StoreUnavailableException : KreweException
{
    internal StoreUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Ids of jobs that may have been stored all the same; enqueue them again under these ids. Empty when nothing was.</summary>
    [Id(0)]
    public IReadOnlyList<string> MaybeStoredIds { get; internal init; } = [];

    /// <summary>Whether it was the partition's owner that changed, or reads it anew: who asks again hears of the store, if that is what ails.</summary>
    [Id(1)]
    internal bool IsOfTheOwner { get; init; }
}

/// <summary>Some jobs of a bulk were not stored.</summary>
public sealed class BulkEnqueueException : KreweException
{
    internal BulkEnqueueException(string message, IReadOnlyList<JobHandle?> handles, IReadOnlyList<Exception?> errors)
        : base(message, errors.FirstOrDefault(error => error is not null)) => (Handles, Errors) = (handles, errors);

    /// <summary>Per job, in order: its handle, or null where it was not stored.</summary>
    public IReadOnlyList<JobHandle?> Handles { get; }

    /// <summary>Per job, in order: why it was not stored, or null where it was.</summary>
    public IReadOnlyList<Exception?> Errors { get; }
}
