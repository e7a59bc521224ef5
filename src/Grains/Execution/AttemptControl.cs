using System.Diagnostics.CodeAnalysis;
using Krewe.Jobs;

namespace Krewe.Execution;

/// <summary>The levers of one attempt, and what it has told so far. Made by whoever starts the attempt; every member may be used from any thread.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The source has no timer, and an abandoned handler may use its token after the attempt.")]
internal sealed class AttemptControl
{
    private const int MaxNoteLength = 256;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _source = new();
    private Attempt? _attempt;
    private JobProgress? _progress;
    private List<string>? _childIds;
    private CancellationReason _reason;
    private bool _isCancelRequested;
    private bool _isProgressNew;
    private bool _isClosed;
    private volatile bool _isHandlerRunning;

    /// <summary>Rung on the handler's thread by the first progress after each <see cref="TakeProgress"/>. Must be quick and must not throw.</summary>
    internal Action? ProgressReported { get; init; }

    /// <summary>The token that the handler gets.</summary>
    internal CancellationToken Token => _source.Token;

    /// <summary>Why the token fired: the first reason, unless the claim was lost since.</summary>
    internal CancellationReason Reason
    {
        get
        {
            lock (_gate)
            {
                return _reason;
            }
        }
    }

    /// <summary>Whether somebody asked to cancel the job, be it first or after a soft limit or a drain.</summary>
    internal bool IsCancelRequested
    {
        get
        {
            lock (_gate)
            {
                return _isCancelRequested;
            }
        }
    }

    /// <summary>True from the handler's start until it has ended; of an abandoned handler too.</summary>
    internal bool IsHandlerRunning
    {
        get => _isHandlerRunning;
        set => _isHandlerRunning = value;
    }

    /// <summary>What the handler reported last; null: nothing.</summary>
    internal JobProgress? Progress
    {
        get
        {
            lock (_gate)
            {
                return _progress;
            }
        }
    }

    /// <summary>Full ids of the jobs that the handler enqueued, the first <see cref="JobRecord.MaxChildIds"/>; null: none.</summary>
    internal IReadOnlyList<string>? ChildIds
    {
        get
        {
            lock (_gate)
            {
                return _childIds is null ? null : [.. _childIds];
            }
        }
    }

    /// <summary>Fires the handler's token. The first reason stays, except that <see cref="CancellationReason.ClaimLost"/> replaces every other; a no-op once the attempt has ended.</summary>
    /// <remarks>Callbacks that the handler registered on the token run on the pool, never on the caller's thread. A cancel that comes after a soft limit or a drain still begins the grace.</remarks>
    internal void Cancel(CancellationReason reason)
    {
        Attempt? graced = null;
        lock (_gate)
        {
            if (_isClosed || reason == CancellationReason.None)
            {
                return;
            }

            if (reason == CancellationReason.Cancelled && !_isCancelRequested)
            {
                _isCancelRequested = true;
                graced = _attempt;
            }

            if (_reason == CancellationReason.None || reason == CancellationReason.ClaimLost)
            {
                _reason = reason;
            }
        }

        graced?.BeginCancelGrace();
        Fire();
    }

    /// <summary>What the handler reported since the last call; null: nothing new.</summary>
    internal JobProgress? TakeProgress()
    {
        lock (_gate)
        {
            if (!_isProgressNew)
            {
                return null;
            }

            _isProgressNew = false;
            return _progress;
        }
    }

    /// <summary>Takes a report of the handler; negative numbers count as 0. A no-op once the attempt has ended.</summary>
    internal void Report(long done, long total, string? note)
    {
        var progress = new JobProgress(Math.Max(0, done), Math.Max(0, total), note is null ? null : Shorten(note));
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _progress = progress;
            if (_isProgressNew)
            {
                return;
            }

            _isProgressNew = true;
        }

        ProgressReported?.Invoke();
    }

    /// <summary>Remembers a job that the handler enqueued.</summary>
    internal void AddChild(string jobId)
    {
        lock (_gate)
        {
            _childIds ??= [];
            if (!_isClosed && _childIds.Count < JobRecord.MaxChildIds)
            {
                _childIds.Add(jobId);
            }
        }
    }

    /// <summary>Binds the attempt that these levers move; a cancel that came before begins its grace now.</summary>
    internal void Attach(Attempt attempt)
    {
        bool isCancelRequested;
        lock (_gate)
        {
            _attempt = attempt;
            isCancelRequested = _isCancelRequested;
        }

        if (isCancelRequested)
        {
            attempt.BeginCancelGrace();
        }
    }

    /// <summary>The outcome is decided: nothing that comes from now on changes it. The token of an abandoned handler is fired, so that it may end.</summary>
    internal void Close(bool isAbandoned)
    {
        lock (_gate)
        {
            _isClosed = true;
            _reason = isAbandoned && _reason != CancellationReason.Cancelled ? CancellationReason.ClaimLost : _reason;
        }

        if (isAbandoned)
        {
            Fire();
        }
    }

    private void Fire()
    {
        var fired = _source.CancelAsync();
        if (!fired.IsCompletedSuccessfully)
        {
            // What callbacks of the handler throw is nobody's failure; it is looked at so that it does not surface as an unobserved exception.
            _ = fired.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    private static string Shorten(string note)
    {
        var end = Math.Min(note.Length, MaxNoteLength);
        return ErrorText.Cut(end < note.Length && char.IsHighSurrogate(note[end - 1]) ? note[..(end - 1)] : note[..end], MaxNoteLength * 4);
    }
}
