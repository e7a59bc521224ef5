namespace Krewe;

/// <summary>What made a flow or a node of it fail; the input of <c>OnError</c> jobs.</summary>
/// <param name="JobId">Full id of the first member that did not succeed.</param>
/// <param name="JobName">Its name.</param>
/// <param name="ErrorType">Full type name of its last exception; <c>Krewe.JobCancelledException</c> or <c>Krewe.JobExpiredException</c> where it was cancelled or expired.</param>
/// <param name="Message">The exception's message, or the reason.</param>
/// <param name="Attempt">Attempts it made, 0 where it never started.</param>
[GenerateSerializer, Immutable, Alias("krewe.flow-error")]
public sealed record FlowError(
    [property: Id(0)] string JobId,
    [property: Id(1)] string JobName,
    [property: Id(2)] string ErrorType,
    [property: Id(3)] string Message,
    [property: Id(4)] int Attempt);
