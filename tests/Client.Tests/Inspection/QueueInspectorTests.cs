using System.Buffers.Text;
using CsCheck;
using Krewe.Client.Tests.Fakes;
using Krewe.Inspection;
using Xunit;

namespace Krewe.Client.Tests.Inspection;

public sealed class QueueInspectorTests
{
    private readonly FakeCluster _cluster = new();
    private readonly IQueueInspector _queues;

    public QueueInspectorTests()
    {
        _cluster.Catalogue.Queues.Clear();
        _cluster.Catalogue.Queues["b"] = 1;
        _cluster.Catalogue.Queues["a"] = 2;
        _queues = _cluster.Client().Queues;
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ListAsync_WhenAQueueHasPartitions_AddsThemUp()
    {
        _cluster.Queue("a~0").Info = new() { Name = "a", Queued = 1, Running = 2, OldestAge = TimeSpan.FromSeconds(5), EnqueuedPerSecond = 1.5, ParkedNames = new Dictionary<string, long> { ["x"] = 1 } };
        _cluster.Queue("a~1").Info = new() { Name = "a", Queued = 10, Dead = 3, ParkedNames = new Dictionary<string, long> { ["x"] = 2, ["y"] = 1 } };
        _cluster.Queue("b~0").Info = new() { Name = "b", Queued = 7 };

        var infos = await _queues.ListAsync(Cancellation);

        Assert.Equal([("a", 2, 11L), ("b", 1, 7L)], infos.Select(info => (info.Name, info.Partitions, info.Queued)));
        Assert.Equal((2L, 3L, TimeSpan.FromSeconds(5), 1.5), (infos[0].Running, infos[0].Dead, infos[0].OldestAge, infos[0].EnqueuedPerSecond));
        Assert.Equal(new Dictionary<string, long> { ["x"] = 3, ["y"] = 1 }, infos[0].ParkedNames);
        Assert.Null(infos[1].OldestAge);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task ListJobsAsync_WhenReadPageByPage_GivesEachJobOnceInOrder(int limit)
    {
        foreach (var (key, count) in new[] { ("a~0", 3), ("a~1", 0), ("b~0", 4) })
        {
            _cluster.Queue(key).OnList = query => Page(key, count, query);
        }

        var ids = new List<string>();
        string? after = null;
        do
        {
            var page = await _queues.ListJobsAsync(new() { Limit = limit, After = after }, Cancellation);
            Assert.InRange(page.Jobs.Count, 0, limit);
            ids.AddRange(page.Jobs.Select(job => job.Id));
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(["a~0~0", "a~0~1", "a~0~2", "b~0~0", "b~0~1", "b~0~2", "b~0~3"], ids);
    }

    [Fact]
    public async Task ListJobsAsync_WhenTheQueryDoesNotFit_SaysWhy()
    {
        Assert.Equal("Limit must be 1..500, got 0; read further pages with After.", (await Assert.ThrowsAsync<InvalidJobException>(() => _queues.ListJobsAsync(new() { Limit = 0 }, Cancellation))).Message);
        Assert.Equal("After must be the Next of a page of the same query, got 'rubbish'; leave it out for the first page.", (await Assert.ThrowsAsync<InvalidJobException>(() => _queues.ListJobsAsync(new() { After = "rubbish" }, Cancellation))).Message);
        Assert.Empty((await _queues.ListJobsAsync(new() { Queue = "none" }, Cancellation)).Jobs);
    }

    [Fact]
    public void Cursor_WhenFormattedAndParsed_IsTheSame() =>
        Gen.Select(Gen.String[Gen.Char["az09._-"], 1, 20], Gen.Int[0, 63], Gen.String.Where(text => text.All(letter => !char.IsSurrogate(letter))).Null()).Sample((queue, partition, after) =>
        {
            var cursor = new ListCursor(queue, partition, after);

            Assert.Equal(cursor, ListCursor.Parse(cursor.Format(), queue));
            Assert.Throws<InvalidJobException>(() => ListCursor.Parse(cursor.Format(), "another"));
        });

    [Theory]
    [InlineData("")]
    [InlineData("1\na")]
    [InlineData("2\na\n0")]
    [InlineData("1\na\n-1")]
    [InlineData("1\na b\n0")]
    public void Cursor_WhenItIsNone_IsRefused(string content) =>
        Assert.Throws<InvalidJobException>(() => ListCursor.Parse(Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(content)), null));

    private static JobPage Page(string key, int count, JobQuery query)
    {
        var start = int.Parse(query.After ?? "0", System.Globalization.CultureInfo.InvariantCulture);
        var jobs = Enumerable.Range(start, Math.Min(query.Limit, count - start)).Select(index => new JobInfo { Id = $"{key}~{index}", Name = "n", Queue = query.Queue!, State = JobState.Queued }).ToList();
        return new(jobs, start + jobs.Count < count ? $"{start + jobs.Count}" : null);
    }
}
