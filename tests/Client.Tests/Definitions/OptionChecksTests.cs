using Krewe.Definitions;
using Xunit;

namespace Krewe.Client.Tests.Definitions;

public sealed class OptionChecksTests
{
    private const string NameRemedy = "use letters, digits, dots, dashes and underscores";

    public static TheoryData<EnqueueOptions, string> Refused => new()
    {
        { new() { Priority = 10 }, "Priority must be 0..9, got 10; 9 runs first." },
        { new() { Priority = -1 }, "Priority must be 0..9, got -1; 9 runs first." },
        { new() { MaxRetries = -1 }, "MaxRetries must be 0..1000, got -1; use 0 to never retry." },
        { new() { MaxRetries = 1001 }, "MaxRetries must be 0..1000, got 1001; use 0 to never retry." },
        { new() { Delay = TimeSpan.FromSeconds(-1) }, "Delay must be 0..36500 days, got -00:00:01; use 0 to run at once." },
        { new() { Delay = TimeSpan.MaxValue }, "Delay must be 0..36500 days, got 10675199.02:48:05.4775807; use 0 to run at once." },
        { new() { ExpiresIn = TimeSpan.FromTicks(-1) }, "ExpiresIn must be 0..36500 days, got -00:00:00.0000001; leave it out for a job that never expires." },
        { new() { NotBefore = DateTimeOffset.MaxValue }, "NotBefore must be before the year 9999, got 9999-12-31T23:59:59.9999999+00:00; leave it out where no instant is meant." },
        { new() { ExpiresAt = DateTimeOffset.MaxValue }, "ExpiresAt must be before the year 9999, got 9999-12-31T23:59:59.9999999+00:00; leave it out where no instant is meant." },
        { new() { Delay = TimeSpan.Zero, NotBefore = DateTimeOffset.UnixEpoch }, "Delay and NotBefore must not be set together, got both; keep one." },
        { new() { ExpiresIn = TimeSpan.Zero, ExpiresAt = DateTimeOffset.UnixEpoch }, "ExpiresAt and ExpiresIn must not be set together, got both; keep one." },
        { new() { Id = "a", UniqueKey = "b" }, "Id and UniqueKey must not be set together, got both; keep one." },
        { new() { Id = "a~b" }, $"Id must be 1..128 characters of [A-Za-z0-9._-], got 'a~b'; {NameRemedy}, or a hash of the text." },
        { new() { Id = "" }, $"Id must be 1..128 characters of [A-Za-z0-9._-], got ''; {NameRemedy}, or a hash of the text." },
        { new() { Id = new string('x', 10_240) }, $"Id must be 1..128 characters of [A-Za-z0-9._-], got '{new string('x', 60)}…' (10240 characters); {NameRemedy}, or a hash of the text." },
        { new() { Queue = "two words" }, $"Queue must be 1..100 characters of [A-Za-z0-9._-], got 'two words'; {NameRemedy}." },
        { new() { Queue = new string('q', 10_240) }, $"Queue must be 1..100 characters of [A-Za-z0-9._-], got '{new string('q', 60)}…' (10240 characters); {NameRemedy}." },
        { new() { UniqueKey = "a\nb" }, "UniqueKey must be 1..256 characters of well-formed text without control characters, got 'a\ufffdb'; use a hash of the text." },
        { new() { UniqueFor = TimeSpan.FromHours(1) }, "UniqueFor must come with a UniqueKey, got none; set UniqueKey, or leave UniqueFor out." },
        { new() { TimeLimit = TimeSpan.Zero }, "TimeLimit must be above 0 and at most 49 days, got 00:00:00; leave it out for no limit." },
        { new() { SoftTimeLimit = TimeSpan.FromSeconds(-5) }, "SoftTimeLimit must be above 0 and at most 49 days, got -00:00:05; leave it out for no limit." },
        { new() { SoftTimeLimit = TimeSpan.FromSeconds(2), TimeLimit = TimeSpan.FromSeconds(1) }, "SoftTimeLimit must be at most TimeLimit, got 00:00:02 over 00:00:01; lower it, or raise TimeLimit." },
        { new() { ResultTtl = TimeSpan.FromTicks(-1) }, "ResultTtl must be 0..36500 days, got -00:00:00.0000001; use IgnoreResult to keep no result." },
        { new() { Delivery = (Delivery)7 }, "Delivery must be AtLeastOnce, AtMostOnce, got 7; use one of these." },
        { new() { Headers = Enumerable.Range(0, 65).ToDictionary(n => $"h{n}", _ => "") }, "Headers must have at most 64 entries, got 65; move the rest into the args." },
        { new() { Headers = new Dictionary<string, string> { ["h"] = new('v', 16 * 1024) } }, "Headers must have at most 16384 bytes in all, got 16385; move the rest into the args." },
        { new() { Headers = new Dictionary<string, string> { ["h"] = null! } }, "Headers must have names and values of well-formed text, got 'h' with null; leave such an entry out." },
        { new() { Retry = RetryPolicy.Fixed(TimeSpan.FromSeconds(-1)) }, "Retry.Base must be 0..30 days, got -00:00:01; use 0 to retry at once. Retry.Cap must be 0..30 days, got -00:00:01; it bounds each delay." },
        { new() { Retry = RetryPolicy.Exponential(TimeSpan.FromHours(1), TimeSpan.FromMinutes(10)) }, "Retry.Cap must be at least Retry.Base (01:00:00), got 00:10:00; raise it, or lower Retry.Base." },
        { new() { Retry = RetryPolicy.List() }, "Retry.Delays must have 1..100 delays, got 0; the last one repeats." },
        { new() { Retry = RetryPolicy.List(TimeSpan.FromSeconds(-2)) }, "Retry.Delays must be 0..30 days, got -00:00:02; use TimeSpan.Zero to retry at once." },
        { new() { Retry = new() { RetryOn = [" "] } }, "Retry.RetryOn must hold full type names of 1..512 characters, got ' '; write such as 'System.TimeoutException'." },
        { new() { Retry = new() { Kind = (Backoff)9 } }, "Retry.Kind must be Exponential, Fixed, Linear, List, got 9; use one of these." },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void OfCall_WhenAnOptionIsOutOfBounds_SaysExpectedGotAndRemedy(EnqueueOptions options, string expected)
    {
        var exception = Assert.Throws<InvalidJobException>(() => OptionChecks.Check(options));

        Assert.Equal(expected, exception.Message);
    }

    [Fact]
    public void OfCall_WhenAKeyHasALoneSurrogate_SaysExpectedGotAndRemedy()
    {
        // Not a row above: the row's name would carry the surrogate into the report, which is XML.
        var exception = Assert.Throws<InvalidJobException>(() => OptionChecks.Check(new EnqueueOptions { UniqueKey = "\ud800" }));

        Assert.Equal("UniqueKey must be 1..256 characters of well-formed text without control characters, got '\ufffd'; use a hash of the text.", exception.Message);
    }

    [Fact]
    public void OfCall_WhenEveryOptionIsAtItsBound_FindsNothing()
    {
        var options = new EnqueueOptions
        {
            Queue = new string('q', 100), Priority = 9, Delay = TimeSpan.Zero, ExpiresIn = TimeSpan.FromDays(36_500), Id = new string('i', 128), MaxRetries = 1000,
            Retry = RetryPolicy.List([.. Enumerable.Repeat(TimeSpan.FromDays(30), 100)]), SoftTimeLimit = TimeSpan.FromDays(49), TimeLimit = TimeSpan.FromDays(49),
            Headers = Enumerable.Range(0, 64).ToDictionary(n => $"{n:00}", _ => new string('v', 254)), ResultTtl = TimeSpan.Zero, IgnoreResult = true, Delivery = Delivery.AtMostOnce,
        };

        Assert.Empty(OptionChecks.OfCall(options));
        Assert.Empty(OptionChecks.OfCall(new() { UniqueKey = "ключ 🔑", UniqueFor = TimeSpan.Zero, NotBefore = DateTimeOffset.MinValue, ExpiresAt = new(9998, 12, 31, 0, 0, 0, TimeSpan.Zero) }));
        Assert.Empty(OptionChecks.OfCall(new()));
    }

    [Fact]
    public void OfLevel_WhenManyOptionsAreWrong_NamesEachWithItsPrefix()
    {
        var level = new JobOptions { Priority = 12, Backoff = Backoff.List, RetryDelay = TimeSpan.FromSeconds(2), MaxRetryDelay = TimeSpan.FromSeconds(1), Queue = "a b" };

        Assert.Equal(
            [
                $"Krewe:Jobs:x:Queue must be 1..100 characters of [A-Za-z0-9._-], got 'a b'; {NameRemedy}.",
                "Krewe:Jobs:x:Priority must be 0..9, got 12; 9 runs first.",
                "Krewe:Jobs:x:Backoff must be Exponential, Fixed or Linear, got List; pass RetryPolicy.List(…) as EnqueueOptions.Retry, which holds the delays.",
                "Krewe:Jobs:x:MaxRetryDelay must be at least RetryDelay (00:00:02), got 00:00:01; raise it, or lower RetryDelay.",
            ],
            OptionChecks.OfLevel("Krewe:Jobs:x:", level));
    }

    [Fact]
    public void Configuration_WhenManyBoundsAreBroken_ReportsAllOfThem()
    {
        var options = new KreweOptions
        {
            Concurrency = 0, Partitions = 65, Drain = TimeSpan.FromHours(2), MaxPayloadBytes = 10, ConsumedQueues = { ["default"] = 0 },
            Defaults = { Queue = "low" }, Queues = { ["mail"] = new() { Weight = 0, Defaults = { MaxRetries = -1 } } }, Routes = { new() { Pattern = "a b", Queue = "low" } },
        };

        Assert.Equal(
            [
                "Krewe:Defaults:Queue must not be set, got 'low'; name queues in Krewe:Routes, Krewe:Jobs or [Job].",
                "Krewe:Queues:mail:Weight must be 1..1000, got 0; leave it out for 5 (critical 10, low 1).",
                "Krewe:Queues:mail:Defaults:MaxRetries must be 0..1000, got -1; use 0 to never retry.",
                "Krewe:Routes:0:Pattern must be 1..100 characters of [A-Za-z0-9._-] and *, got 'a b'; write such as 'payments.*'.",
                "Krewe:Partitions must be 1..64, got 65; leave it out for 1 embedded and 4 in a cluster.",
                "Krewe:Concurrency must be 1..10000, got 0; leave it out for 5 slots per core, at least 20.",
                "Krewe:ConsumedQueues:default must be 1..10000, got 0; leave the queue out to not consume it.",
                "Krewe:Drain must be 0..01:00:00, got 02:00:00; use 0 to fire the handlers' tokens at once.",
                "Krewe:MaxPayloadBytes must be 1024..67108864, got 10; store larger payloads elsewhere and pass their key.",
            ],
            ConfigurationChecks.Of(options));
        Assert.Empty(ConfigurationChecks.Of(new KreweOptions()));
    }
}
