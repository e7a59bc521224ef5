using System.Text.Json;
using System.Text.Json.Serialization;

namespace Krewe.Schedules;

/// <summary>Turns schedules into bytes and back, and into what callers see.</summary>
internal static class ScheduleJson
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    internal static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Json);

    /// <exception cref="JsonException">The bytes are not one.</exception>
    internal static T Read<T>(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize<T>(bytes, Json) ?? throw new JsonException("Expected an object, got null.");

    internal static bool IsSame(ScheduleDefinition one, ScheduleDefinition other) => Write(one).AsSpan().SequenceEqual(Write(other));

    /// <summary>What a caller sees of a stored schedule.</summary>
    internal static ScheduleInfo Info(byte[] stored)
    {
        var schedule = Read<ScheduleRecord>(stored);
        var (definition, recurrence) = (schedule.Definition, schedule.Definition.Recurrence!.Read());
        return new()
        {
            Id = schedule.Id,
            ETag = schedule.ETag,
            Recurrence = recurrence,
            Text = TextOf(recurrence),
            Options = definition.Options!,
            JobName = definition.Job,
            Args = definition.Args,
            Flow = definition.FlowTree,
            State = !definition.Options!.Enabled ? ScheduleState.Paused : schedule.NextDue is null ? ScheduleState.Ended : ScheduleState.Active,
            Source = schedule.Source,
            IsOverridden = schedule.IsOverridden,
            CreatedAt = schedule.CreatedAt,
            UpdatedAt = schedule.UpdatedAt,
            LastDue = schedule.LastDue,
            NextDue = schedule.NextDue,
            Fired = schedule.Fired,
            Skipped = schedule.Skipped,
            Missed = schedule.Missed,
            Occurrences = [.. schedule.Occurrences.Reverse()],
        };
    }

    /// <summary>What this process cannot read, because its time zones or its version are older, is told instead: one schedule is not to hide the others.</summary>
    private static string TextOf(Recurrence recurrence)
    {
        try
        {
            return Timetable.Of(recurrence).ToString();
        }
        catch (InvalidJobException exception)
        {
            return exception.Message;
        }
    }
}
