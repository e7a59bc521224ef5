namespace Krewe;

/// <summary>There is a schedule of this id already; nothing was changed.</summary>
[GenerateSerializer, Alias("krewe.schedule-exists")]
public sealed class ScheduleExistsException : KreweException
{
    internal ScheduleExistsException(string scheduleId)
        : base($"There is a schedule '{scheduleId}' already; update it, or use another id.") => ScheduleId = scheduleId;

    /// <summary>Its id.</summary>
    [Id(0)]
    public string ScheduleId { get; }
}

/// <summary>There is no schedule of this id.</summary>
[GenerateSerializer, Alias("krewe.unknown-schedule")]
public sealed class UnknownScheduleException : KreweException
{
    internal UnknownScheduleException(string scheduleId)
        : base($"There is no schedule '{scheduleId}'; GET /api/schedules lists those there are.") => ScheduleId = scheduleId;

    /// <summary>The id that was asked for.</summary>
    [Id(0)]
    public string ScheduleId { get; }
}

/// <summary>Somebody changed the schedule since it was read; nothing was changed.</summary>
[GenerateSerializer, Alias("krewe.schedule-changed")]
public sealed class ScheduleChangedException : KreweException
{
    internal ScheduleChangedException(string scheduleId, string expected, string found)
        : base($"The schedule '{scheduleId}' must have the etag '{expected}', got '{found}': somebody changed it since. Read it again, and make the change anew.") => (ScheduleId, ETag) = (scheduleId, found);

    /// <summary>Its id.</summary>
    [Id(0)]
    public string ScheduleId { get; }

    /// <summary>The etag it has now.</summary>
    [Id(1)]
    public string ETag { get; }
}
