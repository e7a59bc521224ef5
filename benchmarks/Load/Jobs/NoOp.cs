using System.Globalization;

namespace Krewe.Load.Jobs;

/// <summary>The job that is measured: does nothing, has 100 bytes of args and a stored result.</summary>
/// <param name="Number">Its number within the run.</param>
/// <param name="CountedFrom">The timestamp that its wait is counted from: when its enqueue was called, or the instant it is due.</param>
/// <param name="Filler">Fills the args up.</param>
[Job("load.noop")]
internal sealed record NoOp(int Number, long CountedFrom, string Filler) : IJob<int>
{
    internal const int ArgsBytes = 100;
    private const string Frame = """{"number":,"countedFrom":,"filler":""}""";
    private static readonly string Dots = new('.', ArgsBytes);

    /// <summary>A job whose args are <see cref="ArgsBytes"/> of JSON.</summary>
    internal static NoOp Of(int number, long countedFrom) => new(number, countedFrom, Dots[..(ArgsBytes - Frame.Length - Digits(number) - Digits(countedFrom))]);

    private static int Digits(long number)
    {
        Span<char> text = stackalloc char[20];
        number.TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
        return length;
    }
}

/// <summary>Notes that it started and answers with a small number.</summary>
internal sealed class NoOpHandler(StartLedger ledger) : IJobHandler<NoOp, int>
{
    public Task<int> HandleAsync(NoOp job, JobContext context, CancellationToken cancellationToken)
    {
        ledger.Started(job.CountedFrom);
        return Task.FromResult(job.Number % 100);
    }
}
