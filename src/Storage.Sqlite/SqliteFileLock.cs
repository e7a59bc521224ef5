namespace Krewe.Storage.Sqlite;

/// <summary>Keeps other processes away from a data file for as long as this one lives: a lock of the operating system on a file beside it, gone with the process.</summary>
internal static class SqliteFileLock
{
    private const int WouldBlock = 11;
    private const int WouldBlockOnApple = 35;
    private const int SharingViolation = unchecked((int)0x80070020);

    /// <summary>Takes the lock.</summary>
    /// <exception cref="StoreConfigurationException">The folder cannot be used, or another process has the file.</exception>
    internal static FileStream Take(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            throw new StoreConfigurationException(File.Exists(folder)
                ? $"The data file '{path}' cannot be opened: '{folder}' is a file, expected a folder; name another data file."
                : $"The data file '{path}' cannot be opened: the folder '{folder}' does not exist; create it, or name another data file.");
        }

        if (Directory.Exists(path))
        {
            throw new StoreConfigurationException($"The data file '{path}' cannot be opened: it is a folder, expected a file; name a file in it.");
        }

        try
        {
            return new(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception.HResult is WouldBlock or WouldBlockOnApple or SharingViolation)
        {
            throw new StoreConfigurationException(
                $"The data file '{path}' is in use by another process; a file serves one process at a time. Stop the other one, name another data file, or use Redis to run several.",
                exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreConfigurationException(
                $"The data file '{path}' cannot be written: {exception.Message} Give this process the right to write into '{folder}', or name another data file.", exception);
        }
    }
}
