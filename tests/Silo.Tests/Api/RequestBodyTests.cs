using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Krewe.Api;
using Xunit;

namespace Krewe.Silo.Tests.Api;

public sealed class RequestBodyTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("", "The body must be JSON, got an empty one.")]
    [InlineData("  \n ", "The body must be JSON, got an empty one.")]
    [InlineData("""{"job":"a.b","args":{"x":1}""", "The body must be JSON, got something else or only a part of it: *")]
    [InlineData("hello", "The body must be JSON, got something else or only a part of it: *")]
    [InlineData("""{"job":"a.b","args":{"x":1,"x":2}}""", "The body must give every member once: *x*")]
    [InlineData("""{"job":"a.b","args":{"x":"\ud800"}}""", "The body has half a surrogate pair in the string at byte 25; write both halves, or the character itself.")]
    [InlineData("""{"job":"a.b","args":{"\udc00x":1}}""", "The body has half a surrogate pair in the string at byte 21; write both halves, or the character itself.")]
    [InlineData("[]", "A job must be a JSON object {\"job\",\"args\",\"options\"?}, got array.")]
    [InlineData("null", "A job must be a JSON object {\"job\",\"args\",\"options\"?}, got null.")]
    [InlineData("""{"args":{}}""", "\"job\" must be a job's name, 1..100 of the characters A-Z a-z 0-9 . _ -, got nothing.")]
    [InlineData("""{"job":7,"args":{}}""", "\"job\" must be a job's name, 1..100 of the characters A-Z a-z 0-9 . _ -, got number.")]
    [InlineData("""{"job":"a b","args":{}}""", "\"job\" must be a job's name, 1..100 of the characters A-Z a-z 0-9 . _ -, got the string \"a b\".")]
    [InlineData("""{"job":"a.b"}""", "\"args\" must be a JSON object, got nothing; write \"args\": {} for a job without args.")]
    [InlineData("""{"job":"a.b","args":null}""", "\"args\" must be a JSON object, got null; write \"args\": {} for a job without args.")]
    [InlineData("""{"job":"a.b","args":[1]}""", "\"args\" must be a JSON object, got array; write \"args\": {} for a job without args.")]
    [InlineData("""{"job":"a.b","args":{},"arg":1}""", "A job has no member 'arg'; it knows job, args and options.")]
    [InlineData("""{"job":"a.b","Job":"a.b","args":{}}""", "'Job' must be given once, got it twice.")]
    public async Task Post_WhenBodyIsBad_Answers400(string json, string detail) => Matches(detail, await _server.PostAsync("/api/jobs", json));

    [Theory]
    [InlineData("7", "options must be a JSON object, got number.")]
    [InlineData("""{"prio":1}""", "options has no member 'prio'; it knows queue, priority, delay, notBefore, expiresAt, expiresIn, id, uniqueKey, uniqueFor, maxRetries, retry, softTimeLimit, timeLimit, headers, resultTtl, ignoreResult, delivery.")]
    [InlineData("""{"retry":{"count":1}}""", "options.retry has no member 'count'; it knows kind, base, cap, delays, jitter, retryOn, dontRetryOn.")]
    [InlineData("""{"retry":"fast"}""", "options.retry must be a JSON object, got string.")]
    [InlineData("""{"maxRetries":"five"}""", "options.maxRetries must be a whole number, got \"five\".")]
    [InlineData("""{"priority":1.5}""", "options.priority must be a whole number, got 1.5.")]
    [InlineData("""{"delay":5}""", "options.delay must be a duration such as 30s, 5m or 00:00:30, as a string, got 5.")]
    [InlineData("""{"delay":"5"}""", "options.delay must be a duration such as 30s, 5m or 00:00:30, as a string, got \"5\".")]
    [InlineData("""{"notBefore":"2026-01-31T12:00:00"}""", "options.notBefore must be an instant with its offset, such as \"2026-01-31T12:00:00Z\", got \"2026-01-31T12:00:00\".")]
    [InlineData("""{"notBefore":"2026-01-31"}""", "options.notBefore must be an instant with its offset, such as \"2026-01-31T12:00:00Z\", got \"2026-01-31\".")]
    [InlineData("""{"ignoreResult":1}""", "options.ignoreResult must be true or false, got 1.")]
    [InlineData("""{"delivery":"Sometimes"}""", "options.delivery must be one of \"AtLeastOnce\", \"AtMostOnce\", got \"Sometimes\".")]
    [InlineData("""{"delivery":1}""", "options.delivery must be one of \"AtLeastOnce\", \"AtMostOnce\", got 1.")]
    [InlineData("""{"retry":{"kind":"random"}}""", "options.retry.kind must be one of \"Exponential\", \"Fixed\", \"Linear\", \"List\", got \"random\".")]
    [InlineData("""{"retry":{"delays":["1s","soon"]}}""", "options.retry.delays[1] must be a duration such as 30s, 5m or 00:00:30, as a string, got \"soon\".")]
    [InlineData("""{"headers":{"k":1}}""", "options.headers.k must be a string, got 1.")]
    [InlineData("""{"headers":{"k":null}}""", "options.headers.k must be a string, got null; leave it out.")]
    [InlineData("""{"queue":7}""", "options.queue must be a string, got 7.")]
    [InlineData("""{"queue":"a","Queue":"b"}""", "options.queue must be given once, got it twice.")]
    public async Task Post_WhenOptionsAreBad_NamesTheMember(string options, string detail) =>
        Matches(detail, await _server.PostAsync("/api/jobs", $$"""{"job":"a.b","args":{},"options":{{options}}}"""));

    [Theory]
    [InlineData(64, 202)]
    [InlineData(65, 400)]
    public async Task Post_WhenArgsAreDeep_TakesSixtyFourLevels(int depth, int status)
    {
        var args = $"{{\"x\":{string.Concat(Enumerable.Repeat("[", depth - 1))}{string.Concat(Enumerable.Repeat("]", depth - 1))}}}";

        var answer = await _server.PostAsync("/api/jobs", $$"""{"job":"a.b","args":{{args}}}""");

        Assert.Equal(status, answer.Status);
        Assert.True(status == 202 || answer.Detail == "\"args\" may nest 64 levels, got more.");
    }

    [Fact]
    public async Task Post_WhenNestedWithoutEnd_Answers400() =>
        Matches("The body nests more than 1000 levels; args may nest 64, and so may flows.", await _server.PostAsync("/api/jobs", new string('[', 100_000)));

    [Theory]
    [InlineData("""{"x":"\ud83d\ude00"}""")]
    [InlineData("""{"x":"😀\\u"}""")]
    public async Task Post_WhenTextIsWhole_TakesItAsItCame(string args)
    {
        Assert.Equal(202, (await _server.PostAsync("/api/jobs", $$"""{"job":"a.b","args":{{args}}}""")).Status);
        Assert.Equal(args, _server.Jobs.Enqueued[0].Args);
    }

    [Fact]
    public async Task Post_WhenBytesAreNoUtf8_Answers400()
    {
        var content = new ByteArrayContent([.. "{\"job\":\"a.b\",\"args\":{\"x\":\""u8, 0xC3, 0x28, .. "\"}}"u8]) { Headers = { ContentType = new("application/json") } };

        Matches("The body must be UTF-8, got bytes that are not.", await _server.SendAsync(new(HttpMethod.Post, "/api/jobs") { Content = content }));
    }

    [Fact]
    public async Task Post_WhenMarkedAsUtf8_ReadsIt() => Assert.Equal(202, (await _server.PostAsync("/api/jobs", "\uFEFF{\"job\":\"a.b\",\"args\":{}}")).Status);

    [Theory]
    [InlineData("text/plain", null)]
    [InlineData("application/x-www-form-urlencoded", null)]
    [InlineData("application/json; charset=utf-16", null)]
    [InlineData("application/json", "gzip")]
    [InlineData(null, null)]
    public async Task Post_WhenTypeIsNotJson_Answers415(string? type, string? encoding)
    {
        var content = new ByteArrayContent("""{"job":"a.b","args":{}}"""u8.ToArray());
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        var answer = await _server.SendAsync(new(HttpMethod.Post, "/api/jobs") { Content = content });

        Assert.Equal(415, answer.Status);
        Assert.Contains("Content-Type: application/json", answer.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_WhenConnectionEndsEarly_EnqueuesNothing()
    {
        await SendRawAsync("POST /api/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"job\":\"a.b\",\"args\":{}}", [], close: true);

        Assert.Empty(_server.Jobs.Enqueued);
    }

    [Theory]
    [InlineData("Content-Length: 67108865", false)]
    [InlineData("Transfer-Encoding: chunked", true)]
    public async Task Post_WhenBodyIsTooLarge_AnswersReadable413(string header, bool isChunked)
    {
        var body = new byte[RequestBody.MaxBytes + 1];
        body.AsSpan().Fill((byte)' ');
        byte[] sent = isChunked ? [.. Encoding.ASCII.GetBytes($"{body.Length:x}\r\n"), .. body, .. "\r\n0\r\n\r\n"u8] : body;

        var answer = await SendRawAsync($"POST /api/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\n{header}\r\n\r\n", sent, close: false);

        Assert.Contains("413 Payload Too Large", answer, StringComparison.Ordinal);
        Assert.Contains("A body may have 67108864 bytes, got", answer, StringComparison.Ordinal);
    }

    /// <summary>Sends all of it before it reads, as simple clients do.</summary>
    private async Task<string> SendRawAsync(string head, byte[] body, bool close)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", _server.Http.BaseAddress!.Port, TestContext.Current.CancellationToken);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
        await stream.WriteAsync(body, TestContext.Current.CancellationToken);
        if (close)
        {
            socket.Client.Shutdown(SocketShutdown.Send);
        }

        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static void Matches(string detail, Answer answer)
    {
        Assert.Equal(400, answer.Status);
        if (detail.IndexOf('*', StringComparison.Ordinal) is var star and >= 0)
        {
            Assert.StartsWith(detail[..star], answer.Detail, StringComparison.Ordinal);
            Assert.Contains(detail.Split('*')[1], answer.Detail, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(detail, answer.Detail);
        }
    }
}
