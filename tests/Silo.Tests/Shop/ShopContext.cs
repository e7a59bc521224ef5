namespace Krewe.Silo.Tests.Shop;

/// <summary>An attempt at a job, without an engine.</summary>
internal sealed class ShopContext(string jobId = "default~0~day-2026-11-23-order-1001", object? input = null) : JobContext
{
    public List<(long Done, long Total)> Progress { get; } = [];

    public override string JobId => jobId;

    public override int Attempt => AttemptNumber;

    public int AttemptNumber { get; init; } = 1;

    /// <summary>The due instant of a schedule; null: there is none.</summary>
    public string? DueHeader { get; init; }

    public override IReadOnlyDictionary<string, string> Headers => DueHeader is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["krewe-due"] = DueHeader };

    public override bool HasInput => input is not null;

    public override T? Input<T>()
        where T : default => input is T given ? given : default;

    public override DateTimeOffset EnqueuedAt => new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);

    public override void ReportProgress(long done, long total, string? note = null) => Progress.Add((done, total));
}
