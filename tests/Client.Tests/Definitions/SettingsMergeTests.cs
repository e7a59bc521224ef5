using System.Text.Json;
using CsCheck;
using Krewe.Client.Tests.Fakes;
using Krewe.Definitions;
using Krewe.Jobs;
using Xunit;

namespace Krewe.Client.Tests.Definitions;

public sealed class SettingsMergeTests
{
    private static readonly Gen<TimeSpan?> Limit = Gen.Int[1, 20].Select(seconds => TimeSpan.FromSeconds(seconds)).Nullable();

    private static readonly Gen<JobOptions> Level =
        from retries in Gen.Int[0, 9].Nullable()
        from soft in Limit
        from hard in Limit
        from delay in Limit
        from cap in Limit
        from ttl in Limit
        from ignore in Gen.Bool.Nullable()
        where !(soft > hard) && !(delay > cap)
        select new JobOptions { MaxRetries = retries, SoftTimeLimit = soft, TimeLimit = hard, RetryDelay = delay, MaxRetryDelay = cap, ResultTtl = ttl, IgnoreResult = ignore };

    private static readonly Gen<EnqueueOptions> Call =
        from retries in Gen.Int[0, 9].Nullable()
        from soft in Limit
        from hard in Limit
        from ttl in Limit
        from ignore in Gen.Bool.Nullable()
        from retry in Gen.Bool
        where !(soft > hard)
        select new EnqueueOptions { MaxRetries = retries, SoftTimeLimit = soft, TimeLimit = hard, ResultTtl = ttl, IgnoreResult = ignore, Retry = retry ? RetryPolicy.Fixed(TimeSpan.FromSeconds(3)) : null };

    [Fact]
    public void Merge_WhenNothingIsSet_GivesNoSettings()
    {
        var merged = SettingsMerge.Merge(Definition(new()), null, new());

        Assert.Equal(new MergedJob("default", 0, null, true), merged);
    }

    [Fact]
    public void Merge_WhenLevelsSayTheBuiltInValues_GivesNoSettings()
    {
        var level = new JobOptions { MaxRetries = 3, ResultTtl = TimeSpan.FromHours(24), RetryDelay = TimeSpan.FromSeconds(1), Jitter = Jitter.Full, Delivery = Delivery.AtLeastOnce, IgnoreResult = false };

        Assert.Null(SettingsMerge.Merge(Definition(level), new() { Retry = new() }, new()).Settings);
    }

    [Fact]
    public void Merge_WhenAnyLevelsAreSet_TakesEachPropertyFromTheStrongest() =>
        Gen.Select(Level.Array[5], Call).Sample((levels, call) =>
        {
            var (definition, options) = Levels(levels);

            var settings = SettingsMerge.Merge(definition, call, options).Settings ?? JobSettings.Unset;

            var strongestFirst = levels.Reverse().ToList();
            Assert.Equal(call.MaxRetries ?? strongestFirst.Select(level => level.MaxRetries).FirstOrDefault(value => value is not null) ?? 3, settings.EffectiveMaxRetries);
            Assert.Equal(call.ResultTtl ?? strongestFirst.Select(level => level.ResultTtl).FirstOrDefault(value => value is not null) ?? TimeSpan.FromHours(24), settings.EffectiveResultTtl);
            Assert.Equal(call.IgnoreResult ?? strongestFirst.Select(level => level.IgnoreResult).FirstOrDefault(value => value is not null) ?? false, settings.EffectiveIgnoreResult);
            Assert.Equal(call.TimeLimit ?? strongestFirst.Select(level => level.TimeLimit).FirstOrDefault(value => value is not null), settings.TimeLimit);
            Assert.False(settings.SoftTimeLimit > settings.TimeLimit);
            Assert.True(settings.EffectiveRetry.Base <= settings.EffectiveRetry.Cap);
        });

    [Fact]
    public void Complete_WhenTheCallWasStoredUnmerged_GivesWhatMergingAtOnceGives() =>
        Gen.Select(Level.Array[5], Call).Sample((levels, call) =>
        {
            var (definition, options) = Levels(levels);
            var stored = SettingsMerge.Unmerged(definition.Name, call, options);

            var completed = SettingsMerge.Complete(stored.Settings, definition, stored.Queue, options);

            Assert.False(stored.IsMerged);
            Assert.Equal(Text(SettingsMerge.Merge(definition, call, options).Settings), Text(completed));
        });

    [Fact]
    public void Merge_WhenAStrongerLevelSetsAHardLimit_ClipsTheInheritedSoftOne()
    {
        var merged = SettingsMerge.Merge(Definition(new() { SoftTimeLimit = TimeSpan.FromSeconds(30) }), new() { TimeLimit = TimeSpan.FromSeconds(10) }, new());

        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10)), (merged.Settings!.SoftTimeLimit, merged.Settings.TimeLimit));
    }

    [Fact]
    public void Merge_WhenOneLevelHasSoftOverHard_IsRefused()
    {
        var exception = Assert.Throws<InvalidJobException>(() =>
            SettingsMerge.Merge(Definition(new() { SoftTimeLimit = TimeSpan.FromSeconds(30), TimeLimit = TimeSpan.FromSeconds(10) }), null, new()));

        Assert.Equal("SoftTimeLimit must be at most TimeLimit, got 00:00:30 over 00:00:10; lower it, or raise TimeLimit.", exception.Message);
    }

    [Fact]
    public void Merge_WhenAStrongerLevelRaisesTheDelayOverTheCap_RaisesTheCap()
    {
        var merged = SettingsMerge.Merge(Definition(new() { RetryDelay = TimeSpan.FromHours(1) }), null, new());

        Assert.Equal((TimeSpan.FromHours(1), TimeSpan.FromHours(1)), (merged.Settings!.Retry!.Base, merged.Settings.Retry.Cap));
    }

    [Fact]
    public void Merge_WhenQueuesAreNamedAtSeveralLevels_TakesCallThenConfigurationThenCodeThenAttributeThenRoute()
    {
        var options = new KreweOptions { Jobs = { ["job"] = new() { Queue = "configured" } }, Routes = { new() { Pattern = "x*", Queue = "no" }, new() { Pattern = "j*", Queue = "routed" }, new() { Pattern = "*", Queue = "late" } } };
        var definition = new JobDefinition("job", typeof(Plain), null, new() { Queue = "attribute" }, new() { Queue = "code" }, []);
        var routes = new KreweOptions { Routes = options.Routes };

        Assert.Equal("call", SettingsMerge.Merge(definition, new() { Queue = "call" }, options).Queue);
        Assert.Equal("configured", SettingsMerge.Merge(definition, null, options).Queue);
        Assert.Equal("code", SettingsMerge.Merge(definition, null, routes).Queue);
        Assert.Equal("attribute", SettingsMerge.Merge(definition with { Code = null }, null, routes).Queue);
        Assert.Equal("routed", SettingsMerge.Merge(definition with { Code = null, Attribute = new() }, null, routes).Queue);
        Assert.Equal("default", SettingsMerge.Merge(definition with { Code = null, Attribute = new() }, null, new()).Queue);
        Assert.Equal("routed", SettingsMerge.Unmerged("job", null, routes).Queue);
    }

    [Fact]
    public void Merge_WhenTheQueueHasDefaults_AppliesThoseOfTheQueueThatTheJobGoesTo()
    {
        var options = new KreweOptions { Defaults = { MaxRetries = 1, Priority = 1 }, Queues = { ["low"] = new() { Defaults = { MaxRetries = 2, Priority = 2 } } } };

        var inLow = SettingsMerge.Merge(Definition(new()), new() { Queue = "low" }, options);
        var inDefault = SettingsMerge.Merge(Definition(new()), null, options);

        Assert.Equal((2, 2), (inLow.Priority, inLow.Settings!.MaxRetries));
        Assert.Equal((1, 1), (inDefault.Priority, inDefault.Settings!.MaxRetries));
    }

    private static JobDefinition Definition(JobOptions attribute) => new("job", typeof(Plain), null, attribute, null, []);

    private static (JobDefinition Definition, KreweOptions Options) Levels(JobOptions[] levels) => (
        new("job", typeof(Plain), null, levels[2], levels[3], []),
        new() { Defaults = levels[0], Queues = { ["default"] = new() { Defaults = levels[1] } }, Jobs = { ["job"] = levels[4] } });

    private static string Text(JobSettings? settings) => JsonSerializer.Serialize(settings);
}
