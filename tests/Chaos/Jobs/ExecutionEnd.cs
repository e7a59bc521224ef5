namespace Krewe.Chaos.Jobs;

/// <summary>How a handler ended, by its own account.</summary>
public enum ExecutionEnd
{
    /// <summary>It did what the job asked for.</summary>
    Completed,

    /// <summary>It failed, as the job says.</summary>
    Failed,

    /// <summary>Its token fired.</summary>
    Stopped,
}
