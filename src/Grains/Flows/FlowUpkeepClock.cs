namespace Krewe.Flows;

/// <summary>When a flow was heard of last, and when it was looked after.</summary>
internal sealed class FlowUpkeepClock(FlowServices services)
{
    private long _heardAt = services.Time.GetTimestamp();
    private long _lookedAt = services.Time.GetTimestamp();
    private long _renewedAt = services.Time.GetTimestamp();
    private long _members = services.Silo.MembershipVersion;

    /// <summary>Something was told or sent.</summary>
    internal void Heard() => _heardAt = services.Time.GetTimestamp();

    /// <summary>The store was asked.</summary>
    internal void Looked() => (_lookedAt, _members) = (services.Time.GetTimestamp(), services.Silo.MembershipVersion);

    /// <summary>The members' records were prolonged.</summary>
    internal void Renewed() => _renewedAt = services.Time.GetTimestamp();

    internal bool IsIdleFor(TimeSpan time) => services.Time.GetElapsedTime(_heardAt) >= time;

    /// <summary>Whether the store is to be asked: after a minute without news, and when a silo has come or gone, since what it owed may have gone with it.</summary>
    internal bool IsLookDue() => services.Silo.MembershipVersion != _members || (IsIdleFor(FlowTimes.Silence) && services.Time.GetElapsedTime(_lookedAt) >= FlowTimes.Silence);

    internal bool IsRenewalDue() => services.Time.GetElapsedTime(_renewedAt) >= FlowTimes.RenewalInterval;
}
