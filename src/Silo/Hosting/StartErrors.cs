namespace Krewe.Hosting;

/// <summary>Problems at start that a person can mend, and what the process says and answers about them.</summary>
internal static class StartErrors
{
    /// <summary>The expected problem inside an exception; null for a defect, which is shown whole.</summary>
    public static KreweException? Find(Exception? exception, IReadOnlyList<string> urls)
    {
        if (exception is AggregateException aggregate)
        {
            return aggregate.InnerExceptions.Select(inner => Find(inner, urls)).FirstOrDefault(found => found is not null);
        }

        return exception is null ? null : exception as KreweException ?? HttpPorts.Explain(exception, urls) ?? Find(exception.InnerException, urls);
    }

    /// <summary>What the process answers.</summary>
    public static int ExitCode(KreweException problem) => problem switch
    {
        SiloStartException start => start.ExitCode,
        KreweOptionsException => SiloStartException.BadUsage,
        StoreUnavailableException => SiloStartException.StoreAway,
        _ => SiloStartException.CannotStart,
    };
}
