namespace Krewe;

/// <summary>The handlers of a silo do not fit together, so it does not start. Names every problem at once.</summary>
[GenerateSerializer, Alias("krewe.handler-registration")]
public sealed class HandlerRegistrationException : KreweException
{
    internal HandlerRegistrationException(IReadOnlyList<string> problems)
        : base($"The handlers of this silo have {problems.Count} problem{(problems.Count == 1 ? "" : "s")}:{string.Concat(problems.Select(problem => Environment.NewLine + "- " + problem))}") =>
        Problems = problems;

    /// <summary>The problems, one sentence each, at least one.</summary>
    [Id(0)]
    public IReadOnlyList<string> Problems { get; }
}
