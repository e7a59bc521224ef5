using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Krewe.Silo.Tests.Shop.Orders;

/// <summary>Speaks just enough SMTP on a free loopback port: every command gets 250, unless an answer was set for it.</summary>
internal sealed class SmtpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public SmtpServer()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _serving = ServeAsync();
    }

    public int Port { get; }

    /// <summary>By the command's first word; <c>.</c> is the end of a mail, <c>hello</c> the greeting. A null hangs up.</summary>
    public ConcurrentDictionary<string, string?> Answers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public ConcurrentQueue<string> Commands { get; } = new();

    public ConcurrentQueue<string> Mails { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await HangUpAsync();
        _stop.Dispose();
    }

    /// <summary>Stops listening; the port is then free.</summary>
    public async Task HangUpAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Stop();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                try
                {
                    await ConverseAsync(client.GetStream());
                }
                catch (IOException)
                {
                    // The client hung up without a word; the next one is served.
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private async Task ConverseAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        if (!await AnswerAsync(stream, "hello", "220 test ready"))
        {
            return;
        }

        while (await reader.ReadLineAsync(_stop.Token) is { } command)
        {
            Commands.Enqueue(command);
            var word = command.Split(' ')[0].ToUpperInvariant();
            if (!await AnswerAsync(stream, word, word switch { "DATA" => "354 go on", "QUIT" => "221 bye", "EHLO" => "250 test", _ => "250 ok" }) || word == "QUIT")
            {
                return;
            }

            if (word == "DATA" && !await ReceiveAsync(stream, reader))
            {
                return;
            }
        }
    }

    private async Task<bool> ReceiveAsync(NetworkStream stream, StreamReader reader)
    {
        var mail = new StringBuilder();
        while (await reader.ReadLineAsync(_stop.Token) is { } line && line != ".")
        {
            mail.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }

        Mails.Enqueue(mail.ToString());
        return await AnswerAsync(stream, ".", "250 accepted");
    }

    private async Task<bool> AnswerAsync(NetworkStream stream, string word, string usual)
    {
        var answer = Answers.TryGetValue(word, out var other) ? other : usual;
        if (answer is null)
        {
            return false;
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{answer}\r\n"), _stop.Token);
        return true;
    }
}
