using System.Text;
using System.Text.Json;
using Krewe.Flows;
using Krewe.Hosting;
using Krewe.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Krewe.Silo.Tests.Api;

/// <summary>The silo's HTTP as it is, on a free port, before a client that is not real.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestServer(WebApplication app, FakeJobs jobs, FakeGrains grains) => (_app, Jobs, Grains, Http) = (app, jobs, grains, new HttpClient { BaseAddress = new Uri(app.Urls.First()) });

    public FakeJobs Jobs { get; }

    public FakeGrains Grains { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<TestServer> StartAsync(ApiKey? key = null, Dictionary<string, string?>? settings = null, string url = "http://127.0.0.1:0")
    {
        var jobs = new FakeJobs();
        var (factory, grains) = FakeGrains.With("a.b");
        var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<IJobClient>(jobs).AddSingleton(factory).AddSingleton<FlowGrains>();
        builder.AddSiloHttp();
        var app = builder.Build();
        app.UseSiloHttp(key);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app, jobs, grains);
    }

    public Task<Answer> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public Task<Answer> DeleteAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Delete, path));

    public Task<Answer> PostAsync(string path, string? json = null, string type = "application/json") =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = json is null ? null : new StringContent(json, Encoding.UTF8, type) });

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return new((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response.Headers.RetryAfter?.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>An answer, read whole.</summary>
internal sealed record Answer(int Status, string? Type, string Body, string? RetryAfter)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>The sentence of a problem, whose form is checked on the way.</summary>
    public string Detail
    {
        get
        {
            Assert.Equal("application/problem+json", Type);
            Assert.Equal(Status, Json.GetProperty("status").GetInt32());
            return Json.GetProperty("detail").GetString()!;
        }
    }
}
