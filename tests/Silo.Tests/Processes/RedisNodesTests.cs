using System.Net.Http.Json;
using System.Text.Json;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

/// <summary>The program on a Redis Cluster, named by its connection string.</summary>
public sealed class RedisNodesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silos_WhenTheConnectionStringNamesThreeNodes_AreOneClusterThatRunsJobs()
    {
        await using var redis = await RedisCluster.StartAsync(cancellationToken: Cancellation);
        var (first, firstHttp) = await SiloProcess.ServeAsync("--redis", redis.ConnectionString);
        await using var one = first;
        using var oneClient = firstHttp;
        var (second, secondHttp) = await SiloProcess.ServeAsync("--redis", redis.ConnectionString);
        await using var two = second;
        using var twoClient = secondHttp;

        var response = await firstHttp.PostAsJsonAsync("/api/jobs", new { job = "test.echo", args = new { text = "hello" } }, Cancellation);
        var id = (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("id").GetString();
        var result = await secondHttp.GetFromJsonAsync<JsonElement>($"/api/jobs/{id}/result?wait=1m", Cancellation);

        Assert.Equal("echo hello", result.GetProperty("value").GetString());
        Assert.Equal(2, (await secondHttp.GetFromJsonAsync<JsonElement>("/api/workers", Cancellation)).GetArrayLength());
        await firstHttp.ReadyAsync();
    }
}
