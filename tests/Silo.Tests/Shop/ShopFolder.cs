using Krewe.Shop;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Krewe.Silo.Tests.Shop;

/// <summary>A shop with an output folder of its own, removed in the end.</summary>
internal sealed class ShopFolder : IDisposable
{
    private readonly ServiceProvider _services;

    public ShopFolder(Action<ShopOptions>? configure = null, TimeProvider? time = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        if (time is not null)
        {
            services.AddSingleton(time);
        }

        services.AddShop(options =>
        {
            options.OutputDirectory = Root;
            configure?.Invoke(options);
        });
        _services = services.BuildServiceProvider();
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("krewe-shop-").FullName;

    public ShopOptions Options => _services.GetRequiredService<IOptions<ShopOptions>>().Value;

    /// <summary>Makes a part of the shop as the engine makes a handler: by constructor injection.</summary>
    public T Make<T>() => ActivatorUtilities.CreateInstance<T>(_services);

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public IEnumerable<string> Files() => Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal);

    public void Dispose()
    {
        _services.Dispose();
        Directory.Delete(Root, recursive: true);
    }
}
