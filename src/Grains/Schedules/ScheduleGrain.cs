using Krewe.Dispatch;
using Krewe.Placement;

namespace Krewe.Schedules;

/// <summary>A schedule: a shell around <see cref="ScheduleOwner"/>. Key: its id.</summary>
/// <remarks>Not reentrant: what is due is dealt with before the next call begins. It leaves memory when nothing is due within <see cref="ScheduleOwner.StayFor"/>; the sweep wakes it again.</remarks>
[GrainType("krewe.schedule"), StayingSilosPlacement]
internal sealed class ScheduleGrain : Grain, IScheduleGrain
{
    private readonly ScheduleServices _services;
    private readonly ScheduleOwner _owner;

    public ScheduleGrain(IGrainContext context, ScheduleServices services)
    {
        _services = services;
        _owner = new ScheduleOwner(context.GrainId.Key.ToString()!, services, callback => new GrainWakeTimer(this, callback, isInterleaved: false));
    }

    public Task<byte[]> CreateAsync(ScheduleOrder order) => ThenStay(_owner.CreateAsync(order));

    public Task<byte[]> UpdateAsync(ScheduleOrder order, string? etag) => ThenStay(_owner.UpdateAsync(order, etag));

    public Task SeedAsync(ScheduleOrder order, int source) => ThenStay(_owner.SeedAsync(order, (ScheduleSource)source));

    public Task<byte[]> EnableAsync(bool isEnabled) => ThenStay(_owner.EnableAsync(isEnabled));

    public Task<byte[]> ResetAsync() => ThenStay(_owner.ResetAsync());

    public Task<byte[]> TriggerAsync(string nonce) => ThenStay(_owner.TriggerAsync(nonce));

    public Task<bool> DeleteAsync() => ThenStay(_owner.DeleteAsync());

    public Task<BackfilledOccurrence[]> BackfillAsync(DateTimeOffset from, DateTimeOffset to, bool isDryRun) => ThenStay(_owner.BackfillAsync(from, to, isDryRun));

    public Task WakeAsync() => ThenStay(_owner.WakeAsync());

    private async Task<T> ThenStay<T>(Task<T> task)
    {
        try
        {
            return await task;
        }
        finally
        {
            Stay();
        }
    }

    private async Task ThenStay(Task task)
    {
        try
        {
            await task;
        }
        finally
        {
            Stay();
        }
    }

    private void Stay()
    {
        if (!_owner.IsStuck && _owner.WakeAt is { } at && at - _services.Now is var wait && wait <= ScheduleOwner.StayFor)
        {
            DelayDeactivation((wait > TimeSpan.Zero ? wait : TimeSpan.Zero) + ScheduleOwner.StayFor);
        }
        else
        {
            DeactivateOnIdle();
        }
    }
}
