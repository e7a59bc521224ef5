namespace Krewe.Execution;

/// <summary>What a running job may ask of flows. Every call is repeated while the store or the flow's silo is away, until the attempt's token fires.</summary>
internal interface IFlowDoor
{
    /// <summary>The input of a member, as JSON; null: there is none.</summary>
    /// <exception cref="ResultGoneException">A result that is part of it is not there any more.</exception>
    Task<byte[]?> ReadInputAsync(Attempt attempt);

    /// <summary>Enqueues what takes the job's place; durable when it returns.</summary>
    /// <returns>The flow's id.</returns>
    /// <exception cref="InvalidJobException">It cannot work.</exception>
    Task<string> ReplaceAsync(Attempt attempt, IFlowStep replacement);

    /// <summary>Adds members to the job's group.</summary>
    /// <param name="attempt">The member's.</param>
    /// <param name="number">Tells this addition from the attempt's others, from 0.</param>
    /// <param name="steps">Jobs or flows.</param>
    /// <exception cref="InvalidJobException">The job is in no group, or a step cannot work.</exception>
    Task GrowAsync(Attempt attempt, int number, IReadOnlyList<IFlowStep> steps);
}
