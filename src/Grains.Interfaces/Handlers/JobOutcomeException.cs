namespace Krewe;

/// <summary>An outcome that a handler chooses by throwing it; made by <see cref="JobContext"/>, and nothing until thrown.</summary>
public abstract class JobOutcomeException : KreweException
{
    private protected JobOutcomeException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}

/// <summary>Ends the attempt as failed and asks for another, as far as <c>MaxRetries</c> allows.</summary>
public sealed class RetryJobException : JobOutcomeException
{
    internal RetryJobException(TimeSpan? delay, Exception? cause)
        : base(cause?.Message ?? "The handler asked for a retry.", cause) => Delay = delay;

    /// <summary>The delay before the next attempt; null: the policy's.</summary>
    public TimeSpan? Delay { get; }
}

/// <summary>Ends the attempt unspent and runs the job again after a delay.</summary>
public sealed class SnoozeJobException : JobOutcomeException
{
    internal SnoozeJobException(TimeSpan delay)
        : base($"The handler snoozed the job for {delay}.") => Delay = delay;

    /// <summary>The delay before the job runs again, 0 or more.</summary>
    public TimeSpan Delay { get; }
}

/// <summary>Fails the job without a retry.</summary>
public sealed class FailJobException : JobOutcomeException
{
    internal FailJobException(string message, Exception? cause)
        : base(message, cause)
    {
    }
}

/// <summary>Lets a job or a flow take the job's place.</summary>
public sealed class ReplaceJobException : JobOutcomeException
{
    internal ReplaceJobException(IFlowStep replacement)
        : base("The handler replaced the job.") => Replacement = replacement;

    /// <summary>What takes the job's place.</summary>
    public IFlowStep Replacement { get; }
}

/// <summary>Cancels the job from inside.</summary>
public sealed class CancelJobException : JobOutcomeException
{
    internal CancelJobException(string reason)
        : base(reason)
    {
    }
}
