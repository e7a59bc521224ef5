using Xunit;

namespace Krewe.Testing.Redis;

/// <summary>A Redis for all tests of a class or collection: <c>IClassFixture&lt;RedisFixture&gt;</c>.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private RedisServer? _server;

    /// <summary>The server; skips the test that asks when there is none.</summary>
    public RedisServer Server
    {
        get
        {
            Assert.SkipWhen(RedisServer.IsMissing, RedisServer.MissingReason);
            return _server ?? throw new InvalidOperationException("Expected an initialized fixture; let xunit create it.");
        }
    }

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        if (!RedisServer.IsMissing)
        {
            _server = await RedisServer.StartAsync();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
