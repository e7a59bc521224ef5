using Krewe.Execution;

namespace Krewe.Conventions.Tests.Wire;

// Messages as other versions have them. Older ones know the first members only; newer ones know further ones, under numbers that no member has today.

[GenerateSerializer, Alias("krewe.tests.older-new-job")]
internal sealed record OlderNewJob([property: Id(0)] string Id, [property: Id(1)] string Name, [property: Id(2)] byte[] Args, [property: Id(3)] ulong Fingerprint);

[GenerateSerializer, Alias("krewe.tests.older-add-answer")]
internal sealed record OlderAddAnswer([property: Id(0)] int Result);

[GenerateSerializer, Alias("krewe.tests.older-job-ending")]
internal sealed record OlderJobEnding([property: Id(0)] string JobId, [property: Id(1)] bool IsKnown, [property: Id(2)] JobState State);

[GenerateSerializer, Alias("krewe.tests.older-job-info")]
internal sealed record OlderJobInfo([property: Id(0)] string Id, [property: Id(1)] string Name, [property: Id(2)] string Queue);

[GenerateSerializer, Alias("krewe.tests.older-claim-request")]
internal sealed record OlderClaimRequest([property: Id(0)] string Silo, [property: Id(1)] string WorkerName, [property: Id(2)] int Max);

[GenerateSerializer, Alias("krewe.tests.older-claim-answer")]
internal sealed record OlderClaimAnswer([property: Id(0)] ClaimedJob[] Claims, [property: Id(1)] long Epoch);

[GenerateSerializer, Alias("krewe.tests.older-outcome")]
internal sealed record OlderOutcome([property: Id(0)] string Id, [property: Id(1)] string Token, [property: Id(2)] OutcomeKind Kind);

/// <summary>A job's end with a note in front of the members of today that it shares a text with.</summary>
[GenerateSerializer, Alias("krewe.tests.newer-job-ending")]
internal sealed record NewerJobEnding([property: Id(0)] string JobId, [property: Id(7)] string? Reason, [property: Id(20)] string? Note);

/// <summary>What a newer version may add to any message: one of each kind of member.</summary>
[GenerateSerializer, Alias("krewe.tests.addition")]
internal sealed record Addition
{
    [Id(100)]
    public int Number { get; init; } = 7;

    [Id(101)]
    public string Text { get; init; } = "added";

    [Id(102)]
    public double? Share { get; init; } = 0.5;

    [Id(103)]
    public byte[] Bytes { get; init; } = [1, 2, 3];

    [Id(104)]
    public IReadOnlyList<string> Texts { get; init; } = new List<string> { "one", "two" };

    [Id(105)]
    public Dictionary<string, TimeSpan> Times { get; init; } = new() { ["at most"] = TimeSpan.FromSeconds(1) };

    [Id(106)]
    public NewerJobEnding Whole { get; init; } = new("a whole", null, "in it");
}
