using System.Reflection;
using Krewe.Schedules;

namespace Krewe.Client.Tests.Fakes;

/// <summary>Stands for a schedule's grain.</summary>
public class FakeSchedule : DispatchProxy
{
    private Func<Task<bool>> _onDelete = null!;

    /// <summary>A grain that can be deleted, and nothing else.</summary>
    internal static IScheduleGrain With(Func<Task<bool>> onDelete)
    {
        var grain = Create<IScheduleGrain, FakeSchedule>();
        ((FakeSchedule)(object)grain)._onDelete = onDelete;
        return grain;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name == nameof(IScheduleGrain.DeleteAsync) ? _onDelete() : throw new NotSupportedException(targetMethod.Name);
}
