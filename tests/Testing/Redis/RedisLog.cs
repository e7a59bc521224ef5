using System.Globalization;
using System.Text;

namespace Krewe.Testing.Redis;

/// <summary>The append-only file of a server: its writes in order. To cut off its end is to take the server back in time.</summary>
internal sealed class RedisLog
{
    private readonly string _path;

    private RedisLog(string path) => _path = path;

    /// <summary>Bytes that are written now; always whole writes, for Redis writes them before it answers.</summary>
    public long Length => new FileInfo(_path).Length;

    /// <summary>The log of the server with this folder.</summary>
    public static RedisLog Of(string folder) => new(Directory.GetFiles(Path.Combine(folder, "appendonlydir"), "*.incr.aof").Single());

    /// <summary>Forgets what was written beyond a length. The server must not run.</summary>
    public void CutAt(long length)
    {
        using var file = new FileStream(_path, FileMode.Open, FileAccess.Write);
        file.SetLength(length);
    }

    /// <summary>Where the first write with all these words in it begins. What a script wrote is one write.</summary>
    public long StartOf(IReadOnlyCollection<string> words)
    {
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(_path));
        for (int from = 0, to; from < text.Length; from = to)
        {
            to = EndOf(text, from);
            if (words.All(word => text.IndexOf(word, from, to - from, StringComparison.Ordinal) >= 0))
            {
                return from;
            }
        }

        throw new InvalidOperationException($"Expected a write with '{string.Join("', '", words)}' among the {text.Length} bytes of the log, got none.");
    }

    /// <summary>Where the write that begins here ends: after its command, or after the last one of its transaction.</summary>
    private static int EndOf(string text, int from)
    {
        var (name, at) = ReadCommand(text, from);
        while (name is not ("EXEC" or "") && text.AsSpan(from).StartsWith("*1\r\n$5\r\nMULTI\r\n", StringComparison.Ordinal))
        {
            (name, at) = ReadCommand(text, at);
        }

        return at;
    }

    /// <summary>Reads <c>*2 $3 GET $1 k</c>: its name, and where the next one begins.</summary>
    private static (string Name, int Next) ReadCommand(string text, int at)
    {
        var words = ReadNumber(text, ref at);
        var name = "";
        for (var i = 0; i < words; i++)
        {
            var length = ReadNumber(text, ref at);
            name = i == 0 ? text.Substring(at, length) : name;
            at += length + "\r\n".Length;
        }

        return (name, at);
    }

    private static int ReadNumber(string text, ref int at)
    {
        var end = text.IndexOf("\r\n", at, StringComparison.Ordinal);
        var number = int.Parse(text.AsSpan(at + 1, end - at - 1), NumberStyles.None, CultureInfo.InvariantCulture);
        at = end + "\r\n".Length;
        return number;
    }
}
