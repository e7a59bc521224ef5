namespace Krewe.Shop.Outputs;

/// <summary>Writes a file so that a reader sees the old one or the whole new one, never a part.</summary>
internal static class AtomicFile
{
    /// <summary>Writes beside the target, flushes to the disk, then renames over it.</summary>
    /// <param name="path">The target; its folder is made when it is not there.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="cancellationToken">Leaves the target as it was.</param>
    /// <returns>The length in bytes.</returns>
    public static async Task<long> WriteAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);

        // A name of its own for each attempt: one that was abandoned at its time limit may still be writing.
        var draft = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.CreateVersion7():N}.tmp");
        try
        {
            long length;
            await using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                await write(file, cancellationToken);
                await file.FlushAsync(cancellationToken);
                file.Flush(flushToDisk: true);
                length = file.Length;
            }

            cancellationToken.ThrowIfCancellationRequested();
            File.Move(draft, path, overwrite: true);
            return length;
        }
        finally
        {
            File.Delete(draft);
        }
    }
}
