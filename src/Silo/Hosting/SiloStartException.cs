namespace Krewe.Hosting;

/// <summary>The program cannot start, for a reason that a person can mend; its message goes to stderr alone.</summary>
internal sealed class SiloStartException(string message, int exitCode = SiloStartException.CannotStart) : KreweException(message)
{
    /// <summary>A port in use, a missing file, a configuration that cannot work.</summary>
    public const int CannotStart = 1;

    /// <summary>A flag or setting that does not read.</summary>
    public const int BadUsage = 2;

    /// <summary>The store did not answer within <c>--wait-for-store</c>.</summary>
    public const int StoreAway = 3;

    /// <summary>What the process answers.</summary>
    public int ExitCode { get; } = exitCode;
}
