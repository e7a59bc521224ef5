using Xunit;

namespace Krewe.Silo.Tests.Processes;

/// <summary>A silo that is started again whenever it dies, as what supervises a service does.</summary>
/// <param name="args">Its flags, asked for at each start.</param>
internal sealed class SupervisedSilo(Func<string[]> args) : IAsyncDisposable
{
    /// <summary>A crash loop of the engine's own ends the test.</summary>
    private const int MaxDeaths = 10;

    private SiloProcess? _process;
    private HttpClient? _http;

    /// <summary>How its processes ended, in order.</summary>
    public List<int> ExitCodes { get; } = [];

    /// <summary>Asks the process that runs; when it dies meanwhile, asks the next one again.</summary>
    public async Task<T> AskAsync<T>(Func<HttpClient, Task<T>> ask)
    {
        while (true)
        {
            var http = await ServingAsync();
            try
            {
                return await ask(http);
            }
            catch (Exception died) when (died is IOException or HttpRequestException { StatusCode: null })
            {
                await BuryAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    private async Task<HttpClient> ServingAsync()
    {
        while (_http is null)
        {
            _process ??= SiloProcess.Start(new SiloSurroundings(), args());
            _http = await _process.ServedAsync();
            if (_http is null)
            {
                await BuryAsync();
            }
        }

        return _http;
    }

    private async Task BuryAsync()
    {
        ExitCodes.Add(await _process!.ExitAsync());
        Assert.True(ExitCodes.Count <= MaxDeaths, $"It died {ExitCodes.Count} times, with {string.Join(", ", ExitCodes)}: {_process.Error}");
        _http?.Dispose();
        await _process.DisposeAsync();
        (_http, _process) = (null, null);
    }
}
