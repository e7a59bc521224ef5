using Krewe.Cluster.Tests.Fixtures;
using Krewe.Cluster.Tests.Jobs;
using Krewe.Testing;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.BadInput;

/// <summary>What does not fit is refused with a sentence, and nothing is stored.</summary>
public abstract class BadInputTests(SharedKrewe krewe) : KreweTests(krewe)
{
    public static TheoryData<EnqueueOptions, string> Refused => new()
    {
        { new EnqueueOptions { Priority = 10 }, "Priority must be 0..9, got 10; 9 runs first." },
        { new EnqueueOptions { MaxRetries = -1 }, "MaxRetries must be 0..1000, got -1; use 0 to never retry." },
        { new EnqueueOptions { Delay = TimeSpan.Zero, NotBefore = DateTimeOffset.UnixEpoch }, "Delay and NotBefore must not be set together, got both; keep one." },
        { new EnqueueOptions { ExpiresIn = TimeSpan.Zero, ExpiresAt = DateTimeOffset.UnixEpoch }, "ExpiresAt and ExpiresIn must not be set together, got both; keep one." },
        { new EnqueueOptions { Id = "a", UniqueKey = "b" }, "Id and UniqueKey must not be set together, got both; keep one." },
        { new EnqueueOptions { UniqueFor = TimeSpan.FromDays(1) }, "UniqueFor must come with a UniqueKey, got none; set UniqueKey, or leave UniqueFor out." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Options_WhenTheyDoNotFit_AreRefusedWithTheRemedy(EnqueueOptions options, string sentence)
    {
        var refused = await Assert.ThrowsAsync<InvalidJobException>(() => Jobs.EnqueueAsync(new EchoText("x"), options, Cancellation));

        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Queue_WhenThereIsNone_IsRefused()
    {
        var refused = await Assert.ThrowsAsync<UnknownQueueException>(() => EnqueueAsync(_ => "x", new EnqueueOptions { Queue = "nowhere" }));

        Assert.Equal("nowhere", refused.Queue);
    }

    [Fact]
    public async Task Queue_WhenItIsAtItsLimit_RefusesNewWorkOnly()
    {
        var options = new EnqueueOptions { Queue = "narrow", Delay = TimeSpan.FromHours(1) };
        var stored = new List<JobHandle>();
        QueueFullException? refused = null;
        while (refused is null)
        {
            try
            {
                stored.Add(await Jobs.EnqueueAsync(new EchoText($"{stored.Count}"), options, Cancellation));
            }
            catch (QueueFullException exception)
            {
                refused = exception;
            }

            Assert.InRange(stored.Count, 0, 20);
        }

        Assert.Equal("narrow", refused.Queue);
        foreach (var handle in stored)
        {
            Assert.True(await handle.CancelAsync(Cancellation));
        }

        Assert.False((await Jobs.EnqueueAsync(new EchoText("again"), options with { Delay = null }, Cancellation)).IsExisting);
    }

    [Fact]
    public async Task Queue_WhenItIsAtItsLimit_TakesRetriesAllTheSame()
    {
        var gate = new Gate();
        var running = await EnqueueAsync(
            async (_, token) =>
            {
                await gate.PassAsync(token);
                throw new IOException("Once.");
            },
            new EnqueueOptions { Queue = "narrow", Retry = RetryPolicy.Fixed(TimeSpan.FromHours(1)) });
        await gate.ArrivedAsync();
        var stored = new List<JobHandle>();
        for (var refusals = 0; refusals < 8;)
        {
            // The turn goes round the partitions: so many refusals in a row, and each of them is full.
            try
            {
                stored.Add(await Jobs.EnqueueAsync(new EchoText("fills"), new EnqueueOptions { Queue = "narrow", Delay = TimeSpan.FromHours(1) }, Cancellation));
                refusals = 0;
            }
            catch (QueueFullException)
            {
                refusals++;
            }

            Assert.InRange(stored.Count, 0, 20);
        }

        gate.Open();

        await Events.Until("job.retried", running.Id);
        Assert.Equal(JobState.Retrying, (await running.InfoAsync()).State);
        foreach (var handle in stored.Append(running))
        {
            Assert.True(await handle.CancelAsync(Cancellation));
        }
    }

    [Theory]
    [InlineData("""{"x":1}""", "'sample.add' do not fit at $.y")]
    [InlineData("""{"x":"one","y":2}""", "$.x")]
    [InlineData("""[1,2]""", "must be a JSON object, got Array")]
    public async Task Args_WhenTheyDoNotFit_AreRefusedWithTheirPath(string args, string part)
    {
        var refused = await Assert.ThrowsAsync<InvalidJobException>(() => Jobs.EnqueueAsync("sample.add", Some.Json(args), cancellationToken: Cancellation));

        Assert.Contains(part, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Args_WhenTheyAreOverTheLimit_AreRefused()
    {
        var refused = await Assert.ThrowsAsync<PayloadTooLargeException>(() => Jobs.EnqueueAsync(new EchoText(new string('x', 1024 * 1024)), cancellationToken: Cancellation));

        Assert.Equal(1024 * 1024, refused.LimitBytes);
        Assert.Equal((1024 * 1024) + """{"text":""}""".Length, refused.Bytes);
    }

    [Fact]
    public async Task Args_WhenTheyAreJustBelowTheLimit_ArriveWhole()
    {
        var text = new string('x', (1024 * 1024) - """{"text":""}""".Length);

        var handle = await Jobs.EnqueueAsync("sample.echo", Some.Json($$"""{"text":"{{text}}"}"""), new EnqueueOptions { IgnoreResult = true }, Cancellation);

        Assert.Equal(JobState.Succeeded, await handle.EndAsync());
    }

    [Fact]
    public async Task Bulk_WhenSomeJobsAreRefused_StoresTheOthersAndSaysWhich()
    {
        var refused = await Assert.ThrowsAsync<BulkEnqueueException>(() => Jobs.EnqueueManyAsync<string>([new EchoText("one"), new EchoText(new string('x', 1024 * 1024)), new EchoText("three")], cancellationToken: Cancellation));

        Assert.Equal([true, false, true], refused.Handles.Select(handle => handle is not null));
        Assert.IsType<PayloadTooLargeException>(refused.Errors[1]);
        Assert.Equal(JobState.Succeeded, await refused.Handles[2]!.EndAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("no-tilde")]
    [InlineData("default~x~y")]
    [InlineData("default~0~")]
    public void Handle_WhenTheIdHasAnotherForm_IsRefused(string id)
    {
        Assert.Throws<InvalidJobException>(() => Jobs.GetHandle(id));
    }
}

[Collection(SqliteGroup.Name)]
public sealed class BadInputOnSqliteTests(SqliteKrewe krewe) : BadInputTests(krewe);

[Collection(RedisGroup.Name)]
public sealed class BadInputOnRedisTests(RedisKrewe krewe) : BadInputTests(krewe);
