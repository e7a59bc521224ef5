using Krewe.Definitions;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Krewe.Client.Tests.Definitions;

public sealed class SectionChecksTests
{
    [Theory]
    [InlineData("Defaults:MaxRetries", "x", "Krewe:Defaults:MaxRetries must be a whole number, got 'x'.")]
    [InlineData("Jobs:a.b:TimeLimit", "soon", "Krewe:Jobs:a.b:TimeLimit must be a duration such as 00:00:30, got 'soon'.")]
    [InlineData("Jobs:a.b:Backoff", "cubic", "Krewe:Jobs:a.b:Backoff must be one of Exponential, Fixed, Linear, List, got 'cubic'.")]
    [InlineData("Jobs:a.b:IgnoreResult", "maybe", "Krewe:Jobs:a.b:IgnoreResult must be true or false, got 'maybe'.")]
    [InlineData("Queues:reports:MaxQueueLength", "many", "Krewe:Queues:reports:MaxQueueLength must be a whole number, got 'many'.")]
    [InlineData("Queues:reports:Defaults:Priority", "high", "Krewe:Queues:reports:Defaults:Priority must be a whole number, got 'high'.")]
    [InlineData("Queues:reports:Wieght", "3", "Krewe:Queues:reports has no option 'Wieght'; it knows ")]
    [InlineData("Routes:0:To", "low", "Krewe:Routes:0 has no option 'To'; it knows Pattern, Queue.")]
    [InlineData("ConsumedQueues:low", "two", "Krewe:ConsumedQueues:low must be a whole number, got 'two'.")]
    [InlineData("Drain", "30 seconds", "Krewe:Drain must be a duration such as 00:00:30, got '30 seconds'.")]
    public void Of_WhenAValueDoesNotRead_SaysSo(string key, string value, string sentence) =>
        Assert.StartsWith(sentence, Assert.Single(Of(new() { [key] = value })), StringComparison.Ordinal);

    [Fact]
    public void Of_WhenAllReads_IsEmpty() => Assert.Empty(Of(new()
    {
        ["Defaults:maxRetries"] = "2", ["Defaults:RetryOn:0"] = "System.IO.IOException", ["Jobs:a.b:TimeLimit"] = "00:00:05", ["Jobs:a.b:Backoff"] = "fixed",
        ["Queues:reports:Weight"] = "3", ["Queues:reports:Defaults:Delivery"] = "AtMostOnce", ["Routes:0:Pattern"] = "a.*", ["Routes:0:Queue"] = "low",
        ["ConsumedQueues:low"] = "2", ["Drain"] = "00:00:30", ["MaxFinished"] = "", ["Concurrency"] = "8",
    }));

    [Fact]
    public void Of_WhenKeysBelongToTheSiloProgram_LeavesThemAlone() => Assert.Empty(Of(new()
    {
        ["Data"] = "krewe.db", ["Urls"] = "http://127.0.0.1:1", ["Jobs"] = "a.dll;b.dll", ["Jobs:0"] = "a.dll", ["Queues"] = "critical=4,default=8",
    }));

    private static IReadOnlyList<string> Of(Dictionary<string, string?> settings) => SectionChecks.Of(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>($"Krewe:{setting.Key}", setting.Value))).Build().GetSection("Krewe"));
}
