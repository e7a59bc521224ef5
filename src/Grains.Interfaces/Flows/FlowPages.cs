using System.Buffers;

namespace Krewe.Flows;

/// <summary>Puts the pages of a JSON text together.</summary>
internal static class FlowPages
{
    /// <summary>Reads pages to the last one.</summary>
    /// <param name="read">Reads the page that begins at a number; null: there is no such text.</param>
    /// <param name="maxBytes">Reads no further than this.</param>
    /// <returns>The text, cut where it is longer; null: there is none.</returns>
    internal static async Task<FlowText?> ReadAsync(Func<int, Task<FlowResultPage?>> read, long maxBytes = long.MaxValue)
    {
        var json = new ArrayBufferWriter<byte>();
        for (var from = 0; ;)
        {
            if (await read(from) is not { } page)
            {
                return null;
            }

            json.Write(page.Json);
            if (page.Next < 0 || json.WrittenCount > maxBytes)
            {
                return new FlowText(json.WrittenMemory, json.WrittenCount > maxBytes);
            }

            from = page.Next;
        }
    }
}

/// <summary>A JSON text that came in pages.</summary>
/// <param name="Json">UTF-8.</param>
/// <param name="IsCut">Whether it is longer than was wanted.</param>
internal readonly record struct FlowText(ReadOnlyMemory<byte> Json, bool IsCut);
