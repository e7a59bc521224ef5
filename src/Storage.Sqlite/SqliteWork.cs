namespace Krewe.Storage.Sqlite;

/// <summary>One thing to write, whole or not at all. Waits in the <see cref="SqliteWriter"/>, shares a transaction with what waits beside it.</summary>
/// <param name="weight">How much of a transaction it takes: its steps.</param>
internal abstract class SqliteWork(int weight)
{
    private int _state;

    internal int Weight { get; } = weight;

    /// <summary>Begins it, unless its caller gave up.</summary>
    internal bool TryBegin() => Interlocked.CompareExchange(ref _state, 1, 0) is 0 or 1;

    /// <summary>Gives it up.</summary>
    /// <returns>Whether it had not begun, so that nothing is written.</returns>
    internal bool TryAbandon() => Interlocked.CompareExchange(ref _state, 2, 0) == 0;

    /// <summary>Writes, inside a transaction. May be run again after a rollback.</summary>
    internal abstract void Run();

    /// <summary>The disk is full: leaves out what may be refused.</summary>
    /// <returns>Whether anything was left out, so that another try makes sense.</returns>
    internal virtual bool TryLighten() => false;

    /// <summary>It is durable.</summary>
    internal abstract void Complete();

    internal abstract void Fail(Exception exception);
}

/// <summary>A work with an answer.</summary>
internal abstract class SqliteWork<T>(int weight) : SqliteWork(weight)
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _answer = default!;

    internal Task<T> Completion => _completion.Task;

    internal sealed override void Run() => _answer = Answer();

    internal override void Complete() => _completion.TrySetResult(_answer);

    internal override void Fail(Exception exception) => _completion.TrySetException(exception);

    protected abstract T Answer();
}

/// <summary>A small write, told as a function.</summary>
internal sealed class SmallWork<T>(SqliteDatabase database, Func<SqliteDatabase, T> write) : SqliteWork<T>(1)
{
    protected override T Answer() => write(database);
}
