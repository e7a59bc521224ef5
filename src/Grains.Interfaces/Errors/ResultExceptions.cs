namespace Krewe;

/// <summary>The job failed. Carries what the original exception was, as text: its type is never loaded.</summary>
[GenerateSerializer, Alias("krewe.job-failed")]
public sealed class JobFailedException : KreweException
{
    internal JobFailedException(string jobId, JobError? error, string? reason, string what = "job")
        : base(error is null
            ? $"The {what} '{jobId}' failed: {(string.IsNullOrEmpty(reason) ? "its error is no longer there." : reason)}"
            : $"The {what} '{jobId}' failed: {error.Type}: {error.Message}")
    {
        (JobId, Error) = (jobId, error);
    }

    /// <summary>The job.</summary>
    [Id(0)]
    public string JobId { get; }

    /// <summary>The last attempt's error; null where none was recorded.</summary>
    [Id(1)]
    public JobError? Error { get; }

    /// <summary>Full type name of the original exception; empty where none was recorded.</summary>
    public string ErrorType => Error?.Type ?? "";

    /// <summary>Message of the original exception; empty where none was recorded.</summary>
    public string ErrorMessage => Error?.Message ?? "";

    /// <summary>Stack of the original exception, or null.</summary>
    public string? ErrorStack => Error?.Stack;
}

/// <summary>The job, or the flow as a whole, was cancelled.</summary>
[GenerateSerializer, Alias("krewe.job-cancelled")]
public sealed class JobCancelledException : KreweException
{
    internal JobCancelledException(string jobId, string? reason, string what = "job")
        : base($"The {what} '{jobId}' was cancelled{(reason is null ? "" : ": " + reason.TrimEnd('.'))}.") => (JobId, Reason) = (jobId, reason);

    /// <summary>The job.</summary>
    [Id(0)]
    public string JobId { get; }

    /// <summary>Why, where somebody said.</summary>
    [Id(1)]
    public string? Reason { get; }
}

/// <summary>The job expired before it could start.</summary>
[GenerateSerializer, Alias("krewe.job-expired")]
public sealed class JobExpiredException : KreweException
{
    internal JobExpiredException(string jobId)
        : base($"The job '{jobId}' expired before a worker could start it.") => JobId = jobId;

    /// <summary>The job.</summary>
    [Id(0)]
    public string JobId { get; }
}

/// <summary>The job or flow finished but its result was removed, or it is unknown.</summary>
[GenerateSerializer, Alias("krewe.result-gone")]
public sealed class ResultGoneException : KreweException
{
    internal ResultGoneException(string jobId, bool isKnown, string what = "job")
        : base(isKnown
            ? $"The {what} '{jobId}' finished, but its result was removed; raise its ResultTtl, or read the result sooner."
            : $"There is no {what} '{jobId}': it never was, or its record was removed after its time to live.") => (JobId, IsKnown) = (jobId, isKnown);

    /// <summary>The job.</summary>
    [Id(0)]
    public string JobId { get; }

    /// <summary>Whether a trace of the job is left.</summary>
    [Id(1)]
    public bool IsKnown { get; }
}

/// <summary>The stored result does not fit the type it was asked as.</summary>
[GenerateSerializer, Alias("krewe.result-type")]
public sealed class ResultTypeException : KreweException
{
    internal ResultTypeException(string jobId, Type asked, Exception innerException)
        : base($"The result of '{jobId}' does not read as {asked.FullName}: {innerException.Message} Ask for the type that its handler returns.", innerException) => JobId = jobId;

    /// <summary>The job.</summary>
    [Id(0)]
    public string JobId { get; }
}

/// <summary>An attempt passed its soft or hard time limit.</summary>
[GenerateSerializer, Alias("krewe.job-time-limit")]
public sealed class JobTimeLimitException : KreweException
{
    internal JobTimeLimitException(string jobName, TimeSpan limit, bool isHard, Exception? innerException = null)
        : base(FormattableString.Invariant($"{(isHard ? "Hard" : "Soft")} time limit ({limit.TotalSeconds:0.###}s) exceeded for {jobName}."), innerException) => (Limit, IsHard) = (limit, isHard);

    /// <summary>The limit that passed.</summary>
    [Id(0)]
    public TimeSpan Limit { get; }

    /// <summary>Whether it was the hard one.</summary>
    [Id(1)]
    public bool IsHard { get; }
}
