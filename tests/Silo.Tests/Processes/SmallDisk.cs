using System.Diagnostics;
using System.Globalization;
using Krewe.Testing;

namespace Krewe.Silo.Tests.Processes;

/// <summary>A place for a data file that can be filled up and freed again under a running silo.</summary>
/// <remarks>A small filesystem where this process may mount one; else a limit on the size of the silo's files, at which the system refuses to write just so.</remarks>
internal sealed class SmallDisk : IDisposable
{
    private const int MebibytesOfDisk = 16;
    private const int BytesLeft = 64 * 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("krewe-disk-").FullName;
    private readonly bool _isMounted;

    /// <param name="isFilesystem">Whether it is to be a filesystem of its own, if that can be.</param>
    public SmallDisk(bool isFilesystem) => _isMounted = isFilesystem && Run("mount", "-t", "tmpfs", "-o", $"size={MebibytesOfDisk}m", "krewe-test", _folder);

    public string DataFile => Path.Combine(_folder, "krewe.db");

    private string Filler => Path.Combine(_folder, "filler");

    /// <summary>Leaves room for a few writes more.</summary>
    public async Task FillAsync(SiloProcess silo)
    {
        if (_isMounted)
        {
            await using var filler = File.Create(Filler);
            await filler.WriteAsync(new byte[new DriveInfo(_folder).AvailableFreeSpace - BytesLeft]);
        }
        else
        {
            Limit(silo, (new FileInfo($"{DataFile}-wal").Length + BytesLeft).ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Free(SiloProcess silo)
    {
        if (_isMounted)
        {
            File.Delete(Filler);
        }
        else
        {
            Limit(silo, "unlimited");
        }
    }

    public void Dispose()
    {
        if (_isMounted)
        {
            Run("umount", _folder);
        }

        Directory.Delete(_folder, recursive: true);
    }

    // The soft limit alone, so that it can be raised again without more rights.
    private static void Limit(SiloProcess silo, string bytes)
    {
        if (!Run("prlimit", "--pid", silo.Id.ToString(CultureInfo.InvariantCulture), $"--fsize={bytes}:"))
        {
            throw new InvalidOperationException($"Expected prlimit to limit the size of the files of process {silo.Id} to {bytes}; it is a part of util-linux.");
        }
    }

    private static bool Run(string program, params string[] args)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true })!;
            return process.WaitForExit(Some.Timeout) && process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // There is no such program.
        }
    }
}
