namespace Krewe;

/// <summary>Declares what a job reads as its <see cref="JobContext.Input{T}"/>, so that a flow in which the step before it yields something else is refused when it is built.</summary>
/// <typeparam name="T">What it reads: the previous step's result; in a chord's body the array of the header's.</typeparam>
public interface IReceives<in T>;
