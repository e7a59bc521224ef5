namespace Krewe;

/// <summary>Anything that can stand as one step of a flow: a job, or a flow itself.</summary>
public interface IFlowStep;

/// <summary>A flow step whose result has a type.</summary>
/// <typeparam name="TResult">The type that the step's result is read as.</typeparam>
public interface IFlowStep<out TResult> : IFlowStep;

/// <summary>A job: a class or record whose public properties are its args, serialized as JSON by runtime type.</summary>
/// <remarks>The type carries <see cref="JobAttribute"/> with the stable name that is stored and sent; the CLR name never is.</remarks>
public interface IJob : IFlowStep;

/// <summary>A job whose handler returns a result.</summary>
/// <typeparam name="TResult">The handler's result; stored as JSON for the job's <c>ResultTtl</c> (default 24 hours).</typeparam>
public interface IJob<out TResult> : IJob, IFlowStep<TResult>;
