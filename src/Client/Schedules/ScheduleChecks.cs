using System.Globalization;
using Krewe.Definitions;

namespace Krewe.Schedules;

/// <summary>Every bound of a schedule's id and options, with the sentence that says it. Pure.</summary>
internal static class ScheduleChecks
{
    internal const int MaxNonceLength = 30;

    private const int MaxDescription = 1_000;
    private const int MaxMisfires = 1_000;
    private static readonly TimeSpan MaxJitter = TimeSpan.FromHours(24);
    private static readonly TimeSpan MinThreshold = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxThreshold = TimeSpan.FromDays(1);

    /// <exception cref="InvalidJobException">It is not an id.</exception>
    internal static string Id(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return OptionChecks.OfName("", "A schedule's id", id) is [var violation, ..] ? throw new InvalidJobException(violation) : id;
    }

    /// <exception cref="InvalidJobException">It is not a nonce.</exception>
    internal static string Nonce(string nonce) => nonce.Length <= MaxNonceLength && JobIds.IsName(nonce)
        ? nonce
        : throw new InvalidJobException($"A nonce must be 1..{MaxNonceLength} characters of [A-Za-z0-9._-], got {Violations.Quote(nonce)}; leave it out for a new one.");

    /// <exception cref="InvalidJobException">Something is wrong; carries all of it.</exception>
    internal static void Options(ScheduleOptions options)
    {
        var violations = new Violations("");
        if (options.Start is { } start && options.End is { } end && end <= start)
        {
            violations.Add(string.Create(CultureInfo.InvariantCulture, $"End must be later than Start, got {end:O} with the start {start:O}; exchange them, or leave one out."));
        }

        violations.Range("MaxRuns", options.MaxRuns, 1, long.MaxValue, "leave it out for no bound.");
        violations.Range("Jitter", options.Jitter, MaxJitter, "use 0 for none.");
        violations.Enum<MisfirePolicy>("Misfire", options.Misfire);
        violations.Enum<OverlapPolicy>("Overlap", options.Overlap);
        violations.Range("MaxMisfires", options.MaxMisfires, 1, MaxMisfires, "backfill the rest by hand.");
        if (options.MisfireThreshold < MinThreshold || options.MisfireThreshold > MaxThreshold)
        {
            violations.Add(string.Create(CultureInfo.InvariantCulture, $"MisfireThreshold must be {Violations.Text(MinThreshold)}..{Violations.Text(MaxThreshold)}, got {Violations.Text(options.MisfireThreshold)}; leave it out for 1 minute."));
        }

        if (options.Description is { Length: > MaxDescription } description)
        {
            violations.Add(string.Create(CultureInfo.InvariantCulture, $"Description must have at most {MaxDescription} characters, got {description.Length}; shorten it."));
        }

        if (options.Enqueue is { } enqueue)
        {
            violations.AddRange([.. OptionChecks.OfCall(enqueue).Select(sentence => $"Enqueue.{sentence}")]);
            Headers(violations, "Enqueue", enqueue.Headers);
            Leave(violations, "Enqueue.Id", enqueue.Id, "each occurrence has an id of its own");
            Leave(violations, "Enqueue.UniqueKey", enqueue.UniqueKey, "set Overlap to keep occurrences apart");
            Leave(violations, "Enqueue.NotBefore", enqueue.NotBefore, "set Start");
            Leave(violations, "Enqueue.ExpiresAt", enqueue.ExpiresAt, "set ExpiresIn, or End for the schedule");
        }

        Headers(violations, "Flow", options.Flow?.Headers);
        Leave(violations, "Flow.Id", options.Flow?.Id, "each occurrence has an id of its own");
        if (violations.Sentences.Count > 0)
        {
            throw new InvalidJobException(string.Join(' ', violations.Sentences));
        }
    }

    /// <summary>Every occurrence gets two headers more; see <see cref="ScheduleHeaders"/>.</summary>
    private static void Headers(Violations violations, string option, IReadOnlyDictionary<string, string>? headers)
    {
        const int max = OptionChecks.MaxHeaders - ScheduleHeaders.Count;
        if (headers is { Count: > max })
        {
            violations.Add(string.Create(CultureInfo.InvariantCulture, $"{option}.Headers must have at most {max} entries in a schedule, got {headers.Count}; move the rest into the args."));
        }
    }

    private static void Leave(Violations violations, string option, object? value, string remedy)
    {
        if (value is not null)
        {
            violations.Add(string.Create(CultureInfo.InvariantCulture, $"{option} must be left out of a schedule, got {Violations.Quote(Convert.ToString(value, CultureInfo.InvariantCulture))}; {remedy}."));
        }
    }
}
