using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Krewe.Testing.Redis;

/// <summary>Just enough of the Redis protocol to ask a server how it is: commands as lines of text, answers as raw text.</summary>
internal static class RedisWire
{
    private const int MaxAnswerBytes = 64 * 1024;
    private const string End = "krewe-end";

    /// <summary>Whether the process with this id listens on the port and serves data (a server that still loads its file does not).</summary>
    internal static async Task<bool> IsServingAsync(string host, int port, string? password, int processId, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await SendAsync(host, port, password, ["PING", "INFO server"], cancellationToken);

            // The id tells this server from a stranger who took the port between the choice and the bind.
            var id = string.Create(CultureInfo.InvariantCulture, $"process_id:{processId}\r\n");
            return answer.Contains("+PONG", StringComparison.Ordinal) && answer.Contains(id, StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }

    /// <summary>Sends commands over a new connection and returns their answers as they came.</summary>
    /// <exception cref="IOException">The server closed the connection.</exception>
    internal static async Task<string> SendAsync(string host, int port, string? password, IEnumerable<string> commands, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(host, port, cancellationToken);
        await using var stream = client.GetStream();
        var lines = (password is null ? commands : commands.Prepend($"AUTH {password}")).Append($"ECHO {End}");
        await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Join("\r\n", lines) + "\r\n"), cancellationToken);
        var answer = await ReadToEndAsync(stream, cancellationToken);
        return password is null ? answer : answer[(answer.IndexOf("\r\n", StringComparison.Ordinal) + 2)..];
    }

    private static async Task<string> ReadToEndAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        // ECHO marks the end, also while a server loads; only a server that wants a password refuses it.
        var buffer = new byte[MaxAnswerBytes];
        var length = 0;
        while (length < buffer.Length)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                throw new IOException("The server closed the connection before it had answered.");
            }

            length += read;
            var text = Encoding.UTF8.GetString(buffer, 0, length);
            var end = text.IndexOf($"${End.Length}\r\n{End}\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                return text[..end];
            }

            if (text.Contains("-NOAUTH", StringComparison.Ordinal) && text.EndsWith("\r\n", StringComparison.Ordinal))
            {
                return text;
            }
        }

        throw new IOException($"The answer is longer than {MaxAnswerBytes} bytes.");
    }
}
