namespace Krewe.Silo.Tests.Shop;

/// <summary>An attempt at a job, without an engine.</summary>
internal sealed class ShopContext(string jobId = "default~0~day-2026-11-23-order-1001") : JobContext
{
    public List<(long Done, long Total)> Progress { get; } = [];

    public override string JobId => jobId;

    public override DateTimeOffset EnqueuedAt => new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);

    public override void ReportProgress(long done, long total, string? note = null) => Progress.Add((done, total));
}
