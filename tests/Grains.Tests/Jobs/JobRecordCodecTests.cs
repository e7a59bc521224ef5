using Krewe.Jobs;
using Xunit;

namespace Krewe.Grains.Tests.Jobs;

public sealed class JobRecordCodecTests
{
    [Fact]
    public void Encode_WhenEveryMemberIsSet_ReadsBackEqual()
    {
        var at = new DateTimeOffset(2026, 11, 23, 8, 0, 0, 123, TimeSpan.Zero).AddTicks(7);
        var record = new JobRecord
        {
            Id = "a", Name = "b", Args = [1, 0, 255], State = JobState.Retrying, Priority = 9, Position = 12, Fingerprint = ulong.MaxValue, EnqueuedAt = at,
            DueAt = at, ExpiresAt = at, StartedAt = at, FinishedAt = at, FailedAttempts = 3, Deliveries = 4, LostDeliveries = 5, Token = "1-ff", Result = [],
            Errors = [new JobError(1, "T", "m\0\ud800", null, at, true)], Progress = new JobProgress(1, 2, "n"), IsCancelRequested = true, Reason = "r",
            Settings = new JobSettings { MaxRetries = 0, Retry = RetryPolicy.List(TimeSpan.Zero, TimeSpan.FromSeconds(1)), SoftTimeLimit = TimeSpan.FromTicks(1), IgnoreResult = false },
            IsMerged = true, Headers = new() { ["k"] = "" }, ChildIds = ["x", "y"], UniqueKey = "u", UniqueUntil = at, HasCallerId = true, Worker = "w",
        };

        Assert.True(JobRecordCodec.TryDecode(JobRecordCodec.Encode(record), out var read, out var reason), reason);

        Assert.Equal(record.DueAt, read.DueAt);
        Assert.Equal(record.Args, read.Args);
        Assert.Equal([], read.Result!);
        Assert.Equal(0, read.Settings!.MaxRetries);
        Assert.False(read.Settings.IgnoreResult);
        Assert.Null(read.Settings.TimeLimit);
        Assert.Equal(record.Settings!.Retry!.Delays, read.Settings.Retry!.Delays);
        Assert.Equal(record.Settings.Retry.Cap, read.Settings.Retry.Cap);
        Assert.Equal(Jitter.None, read.Settings.Retry.Jitter);
        Assert.Equal("T", read.Errors![0].Type);
        Assert.Equal(at, read.Errors[0].At);
        Assert.Equal(["x", "y"], read.ChildIds!);
        Assert.Equal(record.Progress, read.Progress);
        Assert.Equal("", read.Headers!["k"]);
    }

    [Fact]
    public void Encode_WhenRetryPolicyHasZeroes_KeepsThem()
    {
        var record = new JobRecord { Id = "a", Name = "b", Settings = new JobSettings { Retry = RetryPolicy.Fixed(TimeSpan.Zero) } };

        Assert.True(JobRecordCodec.TryDecode(JobRecordCodec.Encode(record), out var read, out _));

        Assert.Equal(TimeSpan.Zero, read.Settings!.Retry!.Base);
        Assert.Equal(TimeSpan.Zero, read.Settings.Retry.Cap);
    }

    [Fact]
    public void Encode_WhenTheStateIsOfANewerVersion_KeepsIt()
    {
        var stored = JobRecordCodec.Encode(new JobRecord { Id = "a", Name = "b", State = (JobState)77 });

        Assert.True(JobRecordCodec.TryDecode(stored, out var read, out _));

        Assert.Equal(77, (int)read.State);
        Assert.Equal(stored, JobRecordCodec.Encode(read));
    }

    [Fact]
    public void Encode_WhenBytesHoldUnknownMembers_KeepsThem()
    {
        byte[] stored = [.. JobRecordCodec.Encode(new JobRecord { Id = "a", Name = "b" }), 0xC2, 0x3E, 3, 1, 2, 3];

        Assert.True(JobRecordCodec.TryDecode(stored, out var read, out _));
        var again = JobRecordCodec.Encode(read with { State = JobState.Failed });

        Assert.Contains("C23E03010203", Convert.ToHexString(again), StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_WhenPartsHoldUnknownMembers_KeepsThemInAllRecordsMadeOfThem()
    {
        byte[] policy = Part(2, [0x08, 0x01, .. Unknown(1)]);
        byte[] stored =
        [
            .. JobRecordCodec.Encode(new JobRecord { Id = "a", Name = "b" }),
            .. Part(18, [0x08, 0x01, .. Part(2, (byte)'T'), .. Part(3, (byte)'m'), .. Unknown(2)]),
            .. Part(19, [0x08, 0x05, .. Unknown(3)]),
            .. Part(22, [0x08, 0x03, .. policy, .. Unknown(4)]),
        ];

        Assert.True(JobRecordCodec.TryDecode(stored, out var read, out var reason), reason);
        var failed = read with { State = JobState.Failed, Errors = [.. read.Errors!, new JobError(2, "U", "n", null, DateTimeOffset.UnixEpoch, false)] };
        var again = Convert.ToHexString(JobRecordCodec.Encode(failed));

        Assert.Equal((3, Backoff.Fixed, 5, "T"), (read.Settings!.MaxRetries, read.Settings.Retry!.Kind, read.Progress!.Done, read.Errors![0].Type));
        Assert.All([1, 2, 3, 4], number => Assert.Contains(Convert.ToHexString(Unknown((byte)number)), again, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("FFFFFFFF")]
    [InlineData("0A0161")]
    public void TryDecode_WhenBytesAreNoRecord_SaysWhy(string hex)
    {
        Assert.False(JobRecordCodec.TryDecode(Convert.FromHexString(hex), out _, out var reason));

        Assert.NotEmpty(reason);
    }

    [Fact]
    public void Encode_WhenRecordIsSmall_IsSmall()
    {
        var record = new JobRecord { Id = new string('a', 26), Name = "bench.noop", Args = new byte[100], State = JobState.Queued, Position = 1_000_000, Fingerprint = 1, EnqueuedAt = DateTimeOffset.UnixEpoch.AddYears(56) };

        Assert.InRange(JobRecordCodec.Encode(record).Length, 150, 200);
    }

    /// <summary>A member that holds bytes.</summary>
    private static byte[] Part(int field, params byte[] bytes)
    {
        var tag = (field << 3) | 2;
        return tag < 0x80 ? [(byte)tag, (byte)bytes.Length, .. bytes] : [(byte)(tag | 0x80), (byte)(tag >> 7), (byte)bytes.Length, .. bytes];
    }

    /// <summary>Field 1,000, which no type has.</summary>
    private static byte[] Unknown(byte number) => Part(1_000, number, 0xEE);
}
