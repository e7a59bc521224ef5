namespace Krewe;

/// <summary>Makes, reads and steers schedules. Thread-safe.</summary>
/// <remarks>
/// When a call returns, what it did is durable. Every call may throw <see cref="StoreUnavailableException"/>; repeating it does no harm. The ids of occurrences' jobs are made of the schedule and the due instant,
/// so an occurrence runs once, however often and by whomever it is enqueued.
/// </remarks>
public interface IScheduleClient
{
    /// <summary>Makes a schedule.</summary>
    /// <param name="id">Its id, <c>[A-Za-z0-9._-]</c>, 1..100 characters.</param>
    /// <param name="recurrence">When it is due.</param>
    /// <param name="work">A job, a job with options (<c>job.With(…)</c>), or a flow of at most 500 steps.</param>
    /// <param name="options">What it does beside; null: the defaults.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="InvalidJobException">Something does not fit; the sentence says what.</exception>
    /// <exception cref="UnknownJobException">No silo ever declared the job.</exception>
    /// <exception cref="ScheduleExistsException">There is a schedule of this id.</exception>
    Task<ScheduleInfo> CreateAsync(string id, Recurrence recurrence, IFlowStep work, ScheduleOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>A schedule with its last occurrences; null: there is none. Wakes nothing.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<ScheduleInfo?> GetAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>A page of schedules, by id. Wakes nothing.</summary>
    /// <param name="after">The <see cref="SchedulePage.Next"/> of the page before; null: the first page.</param>
    /// <param name="limit">1..1,000.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<SchedulePage> ListAsync(string? after = null, int limit = 100, CancellationToken cancellationToken = default);

    /// <summary>Changes a schedule.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="change">What is to be changed.</param>
    /// <param name="etag">The <see cref="ScheduleInfo.ETag"/> that must still hold; null: the one that it has when the change arrives.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="UnknownScheduleException">There is none.</exception>
    /// <exception cref="ScheduleChangedException">Somebody changed it since.</exception>
    /// <inheritdoc cref="CreateAsync"/>
    Task<ScheduleInfo> UpdateAsync(string id, ScheduleChange change, string? etag = null, CancellationToken cancellationToken = default);

    /// <summary>Pauses a schedule: nothing fires, and what falls due is not made up for. Harmless when it is paused.</summary>
    /// <inheritdoc cref="UpdateAsync"/>
    Task<ScheduleInfo> PauseAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Lets a paused schedule go on with its next occurrence after now.</summary>
    /// <inheritdoc cref="UpdateAsync"/>
    Task<ScheduleInfo> ResumeAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Puts back what the silos' code or configuration says in place of what somebody changed.</summary>
    /// <exception cref="UnknownScheduleException">There is none.</exception>
    /// <exception cref="InvalidJobException">Neither code nor configuration knows it.</exception>
    /// <inheritdoc cref="UpdateAsync"/>
    Task<ScheduleInfo> ResetAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Enqueues its work now, beside its occurrences; also while it is paused or ended.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="nonce">Tells this trigger from others: the same one enqueues once. <c>[A-Za-z0-9._-]</c>, 1..30 characters; null: a new one.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The occurrence, with the id of its job or flow.</returns>
    /// <exception cref="UnknownScheduleException">There is none.</exception>
    Task<ScheduleOccurrence> TriggerAsync(string id, string? nonce = null, CancellationToken cancellationToken = default);

    /// <summary>Removes a schedule. Jobs that it has enqueued stay. One that code or configuration declares comes back when a silo starts.</summary>
    /// <returns>Whether there was one; true also where the first of several tries may have removed it.</returns>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<bool> DeleteAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>When a recurrence would be due. Asks nobody.</summary>
    /// <param name="recurrence">The recurrence.</param>
    /// <param name="after">Strictly later than this; intervals are counted from it.</param>
    /// <param name="count">1..1,000.</param>
    /// <returns>In order, with the offsets of the time zone; fewer where it ends.</returns>
    /// <exception cref="InvalidJobException">The recurrence cannot be.</exception>
    IReadOnlyList<DateTimeOffset> Preview(Recurrence recurrence, DateTimeOffset after, int count = 10);

    /// <summary>When a schedule is due next, as far as its start, end and bound of runs let it.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="count">1..1,000.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="UnknownScheduleException">There is none.</exception>
    Task<IReadOnlyList<DateTimeOffset>> PreviewAsync(string id, int count = 10, CancellationToken cancellationToken = default);

    /// <summary>Enqueues the occurrences of a past time that are not there: for a schedule that was made too late, or for what was missed.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="from">The first instant.</param>
    /// <param name="to">The instant after the last one; not later than now. At most 1,000 occurrences lie between.</param>
    /// <param name="dryRun">Whether they are only to be listed.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="UnknownScheduleException">There is none.</exception>
    /// <exception cref="InvalidJobException">The range does not fit.</exception>
    Task<BackfillResult> BackfillAsync(string id, DateTimeOffset from, DateTimeOffset to, bool dryRun = false, CancellationToken cancellationToken = default);
}
