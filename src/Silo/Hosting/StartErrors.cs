using System.Net.Sockets;
using Microsoft.Extensions.Options;

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

        return exception is null
            ? null
            : exception as KreweException ?? HttpPorts.Explain(exception, urls) ?? OfConfiguration(exception) ?? Find(exception.InnerException, urls) ?? OfWebServer(exception, urls);
    }

    /// <summary>What the process answers.</summary>
    public static int ExitCode(KreweException problem) => problem switch
    {
        SiloStartException start => start.ExitCode,
        KreweOptionsException => SiloStartException.BadUsage,
        StoreUnavailableException => SiloStartException.StoreAway,
        _ => SiloStartException.CannotStart,
    };

    private static SiloStartException? OfConfiguration(Exception exception) => exception switch
    {
        OptionsValidationException invalid => new(string.Join(Environment.NewLine, invalid.Failures), SiloStartException.BadUsage),
        InvalidDataException { InnerException: FormatException } =>
            new($"{exception.Message.TrimEnd('.')}: {OneLine(exception.GetBaseException().Message)} Mend the file, or remove it.", SiloStartException.BadUsage),
        _ => null,
    };

    // The certificate of an https address, or an address that cannot be bound: only the web server knows what is wrong.
    private static SiloStartException? OfWebServer(Exception exception, IReadOnlyList<string> urls) =>
        exception is InvalidOperationException or IOException or SocketException && exception.StackTrace?.Contains("Microsoft.AspNetCore.Server.Kestrel", StringComparison.Ordinal) == true
            ? new($"HTTP cannot be served at {string.Join(';', urls)}: {OneLine(exception.Message)} Give another address with --urls.")
            : null;

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
