using Krewe.Hosting;
using Krewe.Security;
using Xunit;

namespace Krewe.Silo.Tests.Security;

public sealed class ApiKeyTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Theory]
    [InlineData("secret")]
    [InlineData("  secret \r\nsecond line\n")]
    public void Load_WhenFirstLineHasAKey_TakesItTrimmed(string text)
    {
        File.WriteAllText(_file, text);

        var key = ApiKey.Load(_file);

        Assert.True(key.Matches("secret"));
        Assert.False(key.Matches("Secret"));
        Assert.False(key.Matches(""));
        Assert.False(key.Matches("second line"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\nsecret")]
    [InlineData("  \t\n")]
    public void Load_WhenFirstLineIsEmpty_Refuses(string text)
    {
        File.WriteAllText(_file, text);

        Assert.Equal($"The first line of --api-key-file {_file} must hold the key, got an empty one.", Assert.Throws<SiloStartException>(() => ApiKey.Load(_file)).Message);
    }

    [Fact]
    public void Load_WhenFileIsMissing_Refuses()
    {
        var exception = Assert.Throws<SiloStartException>(() => ApiKey.Load(_file + ".no"));

        Assert.StartsWith($"--api-key-file {_file}.no cannot be read: ", exception.Message, StringComparison.Ordinal);
        Assert.Equal(1, exception.ExitCode);
    }

    public void Dispose() => File.Delete(_file);
}
