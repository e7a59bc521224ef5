namespace Krewe.Load.Stores;

/// <summary>A folder of our own under the system's temporary one (<c>TMPDIR</c> chooses the disk), removed with all it holds.</summary>
internal sealed class WorkFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("krewe-load-").FullName;

    internal string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
