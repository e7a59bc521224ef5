using System.Globalization;
using System.Text;

namespace Krewe.Definitions;

/// <summary>Every bound of every option that a job can be given, with the sentence that says it. Pure.</summary>
/// <remarks>The same bounds hold for a call, for <c>[Job]</c>, for <c>AddJob</c> and for configuration; the prefix tells them apart.</remarks>
internal static class OptionChecks
{
    internal const int MaxUniqueKeyLength = 256;
    internal const int MaxHeaders = 64;
    internal const int MaxHeaderBytes = 16 * 1024;

    /// <summary>A hundred years: no sum of an instant of this century and a duration leaves the calendar.</summary>
    internal static readonly TimeSpan MaxDuration = TimeSpan.FromDays(36_500);

    /// <summary>The longest that a timer of .NET runs is 49.7 days.</summary>
    internal static readonly TimeSpan MaxTimeLimit = TimeSpan.FromDays(49);

    /// <summary>The last year is left free, so that an owner may add delays to any instant.</summary>
    private static readonly DateTimeOffset EndOfTime = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What is wrong with a call's options; empty: nothing.</summary>
    internal static IReadOnlyList<string> OfCall(EnqueueOptions call)
    {
        var violations = new Violations("");
        Queue(violations, "Queue", call.Queue);
        violations.Range("Priority", call.Priority, 0, 9, "9 runs first.");
        Instants(violations, call);
        Identity(violations, call);
        violations.Range("MaxRetries", call.MaxRetries, 0, 1000, "use 0 to never retry.");
        RetryChecks.Policy(violations, call.Retry);
        Limits(violations, call.SoftTimeLimit, call.TimeLimit);
        Headers(violations, call.Headers);
        violations.Range("ResultTtl", call.ResultTtl, MaxDuration, "use IgnoreResult to keep no result.");
        violations.Enum("Delivery", call.Delivery);
        return violations.Sentences;
    }

    /// <exception cref="InvalidJobException">Something is wrong; carries all of it.</exception>
    internal static void Check(EnqueueOptions call)
    {
        var violations = OfCall(call);
        if (violations.Count > 0)
        {
            throw new InvalidJobException(string.Join(' ', violations));
        }
    }

    /// <exception cref="InvalidJobException">Something is wrong with a flow's options; carries all of it.</exception>
    internal static void Check(FlowOptions call)
    {
        var violations = new Violations("FlowOptions.");
        if (call.Id is not null)
        {
            violations.AddRange(OfName(violations.Prefix, "Id", call.Id));
        }

        if (call.Name is { } name && (name.Length is 0 or > JobIds.MaxNameLength || name.Any(char.IsControl) || !IsWellFormed(name)))
        {
            violations.Add($"Name must be 1..{JobIds.MaxNameLength} characters of well-formed text without control characters, got {Violations.Quote(name)}; shorten it, or leave it out.");
        }

        Headers(violations, call.Headers);
        if (violations.Sentences.Count > 0)
        {
            throw new InvalidJobException(string.Join(' ', violations.Sentences));
        }
    }

    /// <summary>What is wrong with one level of settings; empty: nothing.</summary>
    internal static IReadOnlyList<string> OfLevel(string prefix, JobOptions level)
    {
        var violations = new Violations(prefix);
        Queue(violations, "Queue", level.Queue);
        violations.Range("Priority", level.Priority, 0, 9, "9 runs first.");
        violations.Range("MaxRetries", level.MaxRetries, 0, 1000, "use 0 to never retry.");
        Limits(violations, level.SoftTimeLimit, level.TimeLimit);
        violations.Range("ResultTtl", level.ResultTtl, MaxDuration, "use IgnoreResult to keep no result.");
        violations.Enum("Delivery", level.Delivery);
        RetryChecks.Level(violations, level);
        return violations.Sentences;
    }

    /// <summary>What is wrong with a <c>[Job]</c>; empty: nothing.</summary>
    internal static IReadOnlyList<string> OfAttribute(string prefix, JobAttribute attribute)
    {
        var violations = new Violations(prefix);
        violations.AddRange(OfName(prefix, "Name", attribute.Name));
        foreach (var alias in attribute.Aliases)
        {
            violations.AddRange(OfName(prefix, "Aliases", alias));
        }

        violations.AddRange(OfLevel(prefix, attribute.Set));
        return violations.Sentences;
    }

    /// <summary>What is wrong with a queue or job name; empty: nothing.</summary>
    internal static IReadOnlyList<string> OfName(string prefix, string option, string? name) => JobIds.IsName(name)
        ? []
        : [$"{prefix}{option} must be 1..{JobIds.MaxNameLength} characters of [A-Za-z0-9._-], got {Violations.Quote(name)}; use letters, digits, dots, dashes and underscores."];

    internal static string SoftOverHard(string prefix, TimeSpan soft, TimeSpan hard) =>
        $"{prefix}SoftTimeLimit must be at most TimeLimit, got {Violations.Text(soft)} over {Violations.Text(hard)}; lower it, or raise TimeLimit.";

    private static void Queue(Violations violations, string option, string? queue)
    {
        if (queue is not null)
        {
            violations.AddRange(OfName(violations.Prefix, option, queue));
        }
    }

    private static void Instants(Violations violations, EnqueueOptions call)
    {
        violations.Range("Delay", call.Delay, MaxDuration, "use 0 to run at once.");
        violations.Range("ExpiresIn", call.ExpiresIn, MaxDuration, "leave it out for a job that never expires.");
        Instant(violations, "NotBefore", call.NotBefore);
        Instant(violations, "ExpiresAt", call.ExpiresAt);
        if (call is { Delay: not null, NotBefore: not null })
        {
            violations.Add("Delay and NotBefore must not be set together, got both; keep one.");
        }

        if (call is { ExpiresAt: not null, ExpiresIn: not null })
        {
            violations.Add("ExpiresAt and ExpiresIn must not be set together, got both; keep one.");
        }
    }

    private static void Instant(Violations violations, string option, DateTimeOffset? value)
    {
        if (value >= EndOfTime)
        {
            violations.Add(string.Create(CultureInfo.InvariantCulture, $"{option} must be before the year 9999, got {value:O}; leave it out where no instant is meant."));
        }
    }

    private static void Identity(Violations violations, EnqueueOptions call)
    {
        if (call.Id is { } id && !JobIds.IsId(id))
        {
            violations.Add($"Id must be 1..{JobIds.MaxIdLength} characters of [A-Za-z0-9._-], got {Violations.Quote(id)}; use letters, digits, dots, dashes and underscores, or a hash of the text.");
        }

        if (call is { Id: not null, UniqueKey: not null })
        {
            violations.Add("Id and UniqueKey must not be set together, got both; keep one.");
        }

        if (call.UniqueKey is { } key && (key.Length is 0 or > MaxUniqueKeyLength || key.Any(char.IsControl) || !IsWellFormed(key)))
        {
            violations.Add($"UniqueKey must be 1..{MaxUniqueKeyLength} characters of well-formed text without control characters, got {Violations.Quote(key)}; use a hash of the text.");
        }

        violations.Range("UniqueFor", call.UniqueFor, MaxDuration, "leave it out to hold the key until the job is final.");
        if (call is { UniqueFor: not null, UniqueKey: null })
        {
            violations.Add("UniqueFor must come with a UniqueKey, got none; set UniqueKey, or leave UniqueFor out.");
        }
    }

    private static void Limits(Violations violations, TimeSpan? soft, TimeSpan? hard)
    {
        Limit(violations, "SoftTimeLimit", soft);
        Limit(violations, "TimeLimit", hard);
        if (soft > hard)
        {
            violations.Add(SoftOverHard("", soft.Value, hard.Value));
        }
    }

    private static void Limit(Violations violations, string option, TimeSpan? value)
    {
        if (value <= TimeSpan.Zero || value > MaxTimeLimit)
        {
            violations.Add($"{option} must be above 0 and at most {Violations.Text(MaxTimeLimit)}, got {Violations.Text(value.Value)}; leave it out for no limit.");
        }
    }

    private static void Headers(Violations violations, IReadOnlyDictionary<string, string>? headers)
    {
        if (headers is null)
        {
            return;
        }

        if (headers.Count > MaxHeaders)
        {
            violations.Add(string.Create(CultureInfo.InvariantCulture, $"Headers must have at most {MaxHeaders} entries, got {headers.Count}; move the rest into the args."));
        }

        long bytes = 0;
        foreach (var (name, value) in headers)
        {
            if (string.IsNullOrEmpty(name) || value is null || !IsWellFormed(name) || !IsWellFormed(value))
            {
                violations.Add($"Headers must have names and values of well-formed text, got {Violations.Quote(name)} with {Violations.Quote(value)}; leave such an entry out.");
                return;
            }

            bytes += Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value);
        }

        if (bytes > MaxHeaderBytes)
        {
            violations.Add(string.Create(CultureInfo.InvariantCulture, $"Headers must have at most {MaxHeaderBytes} bytes in all, got {bytes}; move the rest into the args."));
        }
    }

    /// <summary>Whether a text survives UTF-8: a lone surrogate would be replaced, and two texts could become one.</summary>
    private static bool IsWellFormed(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsSurrogate(text[at]) && !(at + 1 < text.Length && char.IsSurrogatePair(text[at], text[++at])))
            {
                return false;
            }
        }

        return true;
    }
}
