using Krewe.Shop.Outputs;
using Xunit;

namespace Krewe.Silo.Tests.Shop.Outputs;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("krewe-atomic-").FullName;

    private string Target => Path.Combine(_folder, "new", "file.txt");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Write_WhenItSucceeds_ReplacesTheFileAndLeavesNothingElse()
    {
        await WriteAsync("first", CancellationToken.None);

        var length = await WriteAsync("second", CancellationToken.None);

        Assert.Equal(6, length);
        Assert.Equal("second", await File.ReadAllTextAsync(Target, TestContext.Current.CancellationToken));
        Assert.Equal([Target], Directory.GetFiles(Path.GetDirectoryName(Target)!));
    }

    [Fact]
    public async Task Write_WhenItFailsHalfway_LeavesTheOldFileAndNothingElse()
    {
        await WriteAsync("first", CancellationToken.None);

        await Assert.ThrowsAsync<InvalidOperationException>(() => AtomicFile.WriteAsync(Target, async (stream, token) =>
        {
            await stream.WriteAsync("half"u8.ToArray(), token);
            throw new InvalidOperationException("halfway");
        }, CancellationToken.None));

        Assert.Equal("first", await File.ReadAllTextAsync(Target, TestContext.Current.CancellationToken));
        Assert.Equal([Target], Directory.GetFiles(Path.GetDirectoryName(Target)!));
    }

    [Fact]
    public async Task Write_WhenCancelledWhileWriting_LeavesTheOldFile()
    {
        await WriteAsync("first", CancellationToken.None);
        using var cancel = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AtomicFile.WriteAsync(Target, async (stream, _) =>
        {
            await stream.WriteAsync("second"u8.ToArray(), CancellationToken.None);
            await cancel.CancelAsync();
        }, cancel.Token));

        Assert.Equal("first", await File.ReadAllTextAsync(Target, TestContext.Current.CancellationToken));
        Assert.Equal([Target], Directory.GetFiles(Path.GetDirectoryName(Target)!));
    }

    private Task<long> WriteAsync(string text, CancellationToken cancellationToken) =>
        AtomicFile.WriteAsync(Target, (stream, token) => stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), token).AsTask(), cancellationToken);
}
