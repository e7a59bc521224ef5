using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Krewe.Testing.Processes;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

/// <summary>An embedded process under load that is killed, and started again on the same file, once per seed; remembers what was acknowledged.</summary>
/// <param name="folder">Where data file and ledger lie.</param>
internal sealed class KilledLoad(string folder)
{
    private const int BulkSize = 10;
    private const int MaxHandlerMilliseconds = 200;
    private const int LongestStartMilliseconds = 2_500;
    private const int LongestLifeMilliseconds = 600;
    private const int MostBulks = 15;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Each kill may hit the same job again; how a job that killed its process itself is told from those is another test's matter.
    private static readonly SiloSurroundings Surroundings = new() { Environment = new Dictionary<string, string> { ["Krewe__MaxDeliveries"] = "100" } };

    private readonly HashSet<string> _acknowledged = [];
    private readonly List<object> _unanswered = [];
    private readonly Dictionary<string, DateTimeOffset> _seenSucceeded = [];
    private readonly List<TimeSpan> _untilRunAgain = [];

    public string Ledger => Path.Combine(folder, "ledger");

    /// <summary>Full ids of the jobs that a silo acknowledged.</summary>
    public IReadOnlyCollection<string> Acknowledged => _acknowledged;

    /// <summary>Jobs that were seen succeeded, and when.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> SeenSucceeded => _seenSucceeded;

    /// <summary>Per job that a kill had interrupted for the first time: from the moment its next process served until it ran again.</summary>
    public IReadOnlyList<TimeSpan> UntilRunAgain => _untilRunAgain;

    /// <summary>
    /// Starts the process, lets it live for a while, and kills it: a quarter at some moment of their start, a quarter at some moment after it, the others once all that was
    /// interrupted runs again and some bulks were acknowledged, in the middle of the next.
    /// </summary>
    public async Task KillOnceAsync(int seed)
    {
        var random = new Random(seed);
        await using var process = Start();
        var (kind, life, bulks) = (random.Next(4), TimeSpan.FromMilliseconds(random.Next(LongestLifeMilliseconds)), random.Next(MostBulks));
        if (kind == 0)
        {
            await Task.WhenAny(process.ServedAsync(), Task.Delay(TimeSpan.FromMilliseconds(random.Next(LongestStartMilliseconds)), TimeProvider.System));
            await process.KillAsync();
            return;
        }

        using var http = await ServedAsync(process);
        var servedAt = TimeProvider.System.GetUtcNow();
        if (kind == 1)
        {
            var load = LoadAsync(http, random, seed, int.MaxValue);
            await Task.Delay(life, TimeProvider.System);
            await process.KillAsync();
            await load;
        }
        else
        {
            await RunAgainAsync(process.Id, servedAt);
            await LoadAsync(http, random, seed, bulks);
            var last = LoadAsync(http, random, seed, int.MaxValue, bulks);
            await Task.Delay(life / 20, TimeProvider.System);
            await process.KillAsync();
            await last;
        }
    }

    /// <summary>Starts the process once more, repeats what was not answered, and waits for the end of every job.</summary>
    /// <returns>Jobs that did not succeed, each with how it stands.</returns>
    public async Task<IReadOnlyCollection<string>> SettleAsync()
    {
        await using var process = Start();
        using var http = await ServedAsync(process);
        await AddAsync(http, []);
        var unwell = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(_acknowledged, TestContext.Current.CancellationToken, async (id, _) =>
        {
            var (state, answer) = await http.EndAsync(id);
            if (state != "Succeeded")
            {
                unwell.Add($"{id}: {answer}");
            }
        });
        process.Send(Signal.Terminate);
        Assert.Equal(0, await process.ExitAsync());
        return unwell;
    }

    private SiloProcess Start() => SiloProcess.Start(Surroundings, "--data", Path.Combine(folder, "krewe.db"), "--concurrency", "20");

    private static async Task<HttpClient> ServedAsync(SiloProcess process) =>
        await process.ServedAsync() ?? throw new InvalidOperationException($"It ended with {await process.ExitAsync()} instead of serving: {process.Error} {process.Output}");

    /// <summary>Enqueues bulks until there are so many, or the process is killed.</summary>
    private async Task LoadAsync(HttpClient http, Random random, int seed, int bulks, int first = 0)
    {
        try
        {
            for (var bulk = first; bulk < bulks; bulk++)
            {
                await AddAsync(http, [.. Enumerable.Range(0, BulkSize).Select(number => NewJob(random, $"s{seed}-{bulk}-{number}"))]);
                if (_acknowledged.Count > 0)
                {
                    await SeeAsync(http, _acknowledged.ElementAt(random.Next(_acknowledged.Count)));
                }
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // It was killed.
        }
    }

    private object NewJob(Random random, string id) => new
    {
        job = "hostile.noted",
        args = new { ledger = Ledger, milliseconds = random.Next(MaxHandlerMilliseconds), failures = random.Next(10) == 0 ? 1 : 0, padding = new string('x', random.Next(2_000)) },
        options = new { id, delay = random.Next(5) == 0 ? "100ms" : "0s" },
    };

    /// <summary>Adds jobs together with those that were sent before and not answered, under the same ids.</summary>
    private async Task AddAsync(HttpClient http, IReadOnlyList<object> jobs)
    {
        _unanswered.AddRange(jobs);
        if (_unanswered.Count > 0)
        {
            _acknowledged.UnionWith(await http.EnqueueManyAsync(_unanswered));
            _unanswered.Clear();
        }
    }

    private async Task SeeAsync(HttpClient http, string id)
    {
        var job = await http.GetFromJsonAsync<JsonElement>($"/api/jobs/{id}", TestContext.Current.CancellationToken);
        if (job.GetProperty("state").GetString() == "Succeeded")
        {
            _seenSucceeded.TryAdd(id, TimeProvider.System.GetUtcNow());
        }
    }

    /// <summary>Waits until each job whose run was cut short has been started again.</summary>
    private async Task RunAgainAsync(int process, DateTimeOffset servedAt)
    {
        var interrupted = CutShort(RunLedger.Read(Ledger).Where(note => note.Process != process));
        var deadline = servedAt + Patience;
        var started = new Dictionary<string, DateTimeOffset>();
        while (!interrupted.Keys.All(started.ContainsKey))
        {
            Assert.True(TimeProvider.System.GetUtcNow() < deadline, $"After {Patience} these have not run again: {string.Join(", ", interrupted.Keys.Where(id => !started.ContainsKey(id)))}");
            await Task.Delay(Look, TimeProvider.System);
            foreach (var note in RunLedger.Read(Ledger).Where(note => note.Process == process && note.IsStart))
            {
                started.TryAdd(note.JobId, note.At);
            }
        }

        foreach (var (id, times) in interrupted)
        {
            if (times == 1)
            {
                _untilRunAgain.Add(started[id] > servedAt ? started[id] - servedAt : TimeSpan.Zero);
            }
        }
    }

    /// <summary>Jobs whose latest run has no end, with the number of such runs.</summary>
    private static Dictionary<string, int> CutShort(IEnumerable<RunNote> notes)
    {
        var open = new Dictionary<string, int>();
        foreach (var note in notes)
        {
            if (note.IsStart)
            {
                open[note.JobId] = open.GetValueOrDefault(note.JobId) + 1;
            }
            else
            {
                open.Remove(note.JobId);
            }
        }

        return open;
    }
}
