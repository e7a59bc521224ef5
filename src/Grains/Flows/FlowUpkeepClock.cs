namespace Krewe.Flows;

/// <summary>When a flow was heard of last, and when it was looked after.</summary>
internal sealed class FlowUpkeepClock(FlowServices services)
{
    private long _heardAt = services.Time.GetTimestamp();
    private long _sentAt = services.Time.GetTimestamp();
    private long _lookedAt = services.Time.GetTimestamp();
    private long? _renewedAt;
    private long _members = services.MembershipVersion;

    /// <summary>Something was told.</summary>
    internal void Heard() => _heardAt = services.Time.GetTimestamp();

    /// <summary>The client sent something.</summary>
    internal void Sent() => _sentAt = _heardAt = services.Time.GetTimestamp();

    /// <summary>The store was asked.</summary>
    internal void Looked() => (_lookedAt, _members) = (services.Time.GetTimestamp(), services.MembershipVersion);

    /// <summary>The members' records were prolonged.</summary>
    internal void Renewed() => _renewedAt = services.Time.GetTimestamp();

    /// <summary>Whether the client has sent nothing for so long, whatever its members told.</summary>
    internal bool IsUnsentFor(TimeSpan time) => services.Time.GetElapsedTime(_sentAt) >= time;

    private bool IsIdleFor(TimeSpan time) => services.Time.GetElapsedTime(_heardAt) >= time;

    /// <summary>Whether the store is to be asked: after a minute without news; when a silo has come or gone, since what it owed may have gone with it; and every ten minutes, for a step that is lost in a busy flow.</summary>
    internal bool IsLookDue() => services.MembershipVersion != _members
        || services.Time.GetElapsedTime(_lookedAt) >= (IsIdleFor(FlowTimes.Silence) ? FlowTimes.Silence : FlowTimes.LookInterval);

    /// <summary>Whether the members' records are to be prolonged. Who they were prolonged by before this activation is not known.</summary>
    internal bool IsRenewalDue(DateTimeOffset createdAt) => _renewedAt is { } at ? services.Time.GetElapsedTime(at) >= FlowTimes.RenewalInterval : services.Now - createdAt >= FlowTimes.RenewalInterval;
}
