using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

/// <summary>The HTTP calls that tests of silo processes make.</summary>
internal static class SiloCalls
{
    private static readonly string[] Places = ["queued", "running", "scheduled"];
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Enqueues a job and gives its id.</summary>
    public static async Task<string> EnqueueAsync(this HttpClient http, string job, object args, object? options = null)
    {
        using var added = await http.PostAsJsonAsync("/api/jobs", new { job, args, options = options ?? new { } }, Cancellation);
        var answer = await added.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.True((int)added.StatusCode == 202, $"Expected 202, got {(int)added.StatusCode}: {answer}");
        return answer.GetProperty("id").GetString()!;
    }

    /// <summary>Enqueues many and gives their ids, in order.</summary>
    public static async Task<string[]> EnqueueManyAsync(this HttpClient http, IEnumerable<object> jobs)
    {
        using var added = await http.PostAsJsonAsync("/api/jobs/bulk", jobs, Cancellation);
        var answers = await added.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.True((int)added.StatusCode == 202, $"Expected 202, got {(int)added.StatusCode}: {answers}");
        return [.. answers.EnumerateArray().Select(answer => answer.TryGetProperty("id", out var id) ? id.GetString()! : throw new InvalidOperationException($"Expected an id, got {answer}."))];
    }

    /// <summary>Waits for a job's end for as long as one call may, and tells its state and what the answer holds.</summary>
    public static async Task<(string State, JsonElement Answer)> EndAsync(this HttpClient http, string id, string wait = "1m")
    {
        using var ended = await http.GetAsync($"/api/jobs/{id}/result?wait={wait}", Cancellation);
        var answer = await ended.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        return answer.TryGetProperty("state", out var state) ? (state.GetString()!, answer) : throw new InvalidOperationException($"Expected the state of {id}, got {(int)ended.StatusCode}: {answer}");
    }

    /// <summary>Asks until the silo is ready: a look at a store that is busy for two seconds fails.</summary>
    public static async Task ReadyAsync(this HttpClient http)
    {
        for (var (tries, said) = (0, ""); said != "Healthy"; tries++)
        {
            Assert.True(tries < 300, $"Expected the silo to be ready, it says: {said}");
            await Task.Delay(tries == 0 ? TimeSpan.Zero : Look, TimeProvider.System, Cancellation);
            using var answer = await http.GetAsync("/health/ready", Cancellation);
            said = await answer.Content.ReadAsStringAsync(Cancellation);
        }
    }

    /// <summary>Waits for a job's value.</summary>
    public static async Task<string?> ValueAsync(this HttpClient http, string id)
    {
        var (state, answer) = await http.EndAsync(id);
        for (var tries = 0; tries < 2 && Array.Exists(Places, place => place.Equals(state, StringComparison.OrdinalIgnoreCase)); tries++)
        {
            (state, answer) = await http.EndAsync(id);
        }

        Assert.True(state == "Succeeded", $"Expected {id} to succeed, got {answer}");
        return answer.GetProperty("value").ToString();
    }

    /// <summary>The whole story of a job.</summary>
    public static Task<JsonElement> InfoAsync(this HttpClient http, string id) => http.GetFromJsonAsync<JsonElement>($"/api/jobs/{id}", Cancellation);

    /// <summary>Asks until a job runs; each look is a call that the silo answers when its time has passed.</summary>
    public static async Task RunningAsync(this HttpClient http, string id)
    {
        for (var (tries, state) = (0, ""); state != "Running"; tries++)
        {
            Assert.InRange(tries, 0, 300);
            (state, _) = await http.EndAsync(id, "200ms");
        }
    }

    /// <summary>Asks until a queue holds nothing that waits or runs, and nothing more can come.</summary>
    public static async Task DrainedAsync(this HttpClient http, string queue = "default")
    {
        for (var (tries, left) = (0, 1L); left > 0; tries++)
        {
            Assert.InRange(tries, 0, 1_000);
            await Task.Delay(Look, TimeProvider.System, Cancellation);
            var info = (await http.GetFromJsonAsync<JsonElement>("/api/queues", Cancellation)).EnumerateArray().Single(each => each.GetProperty("name").GetString() == queue);
            left = Places.Sum(place => info.GetProperty(place).GetInt64());
        }
    }
}
