using System.Collections.ObjectModel;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Krewe;

/// <summary>What a <see cref="TestJobContext"/> says; each property is described at the member of <see cref="JobContext"/> that has its name.</summary>
public sealed record TestAttempt
{
    /// <summary>Default <c>default~0~test</c>.</summary>
    public string JobId { get; init; } = "default~0~test";

    /// <summary>Default <c>test</c>.</summary>
    public string JobName { get; init; } = "test";

    /// <summary>Default <c>default</c>.</summary>
    public string Queue { get; init; } = "default";

    /// <summary>1 for the first try, the default.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Default 3, as in a worker.</summary>
    public int MaxRetries { get; init; } = 3;

    /// <summary>Default empty.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Null, the default: the job's id.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Default the year 1; set it where the handler reads it.</summary>
    public DateTimeOffset EnqueuedAt { get; init; }

    /// <summary>Default none. The context only says it; fire the token yourself.</summary>
    public TimeSpan? SoftTimeLimit { get; init; }

    /// <summary>Default none.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Asked each time that the handler asks, so that it may change during the attempt; default <see cref="Krewe.CancellationReason.None"/>.</summary>
    public Func<CancellationReason> CancellationReason { get; init; } = static () => Krewe.CancellationReason.None;

    /// <summary>The previous step's result; an object of the type that the handler asks for, else the handler gets <c>default</c>.</summary>
    public object? Input { get; init; }

    /// <summary>Whether there is an input; default: whether <see cref="Input"/> is set.</summary>
    public bool HasInput { get => field || Input is not null; init; }

    /// <summary>Default: a logger that drops everything.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Null, the default: asking for services throws.</summary>
    public IServiceProvider? Services { get; init; }

    /// <summary>Null, the default: asking for the client throws.</summary>
    public IJobClient? Jobs { get; init; }
}
