using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Krewe.Shop;

/// <summary>What the shop's handlers need, for a silo that loads this assembly with <c>--jobs Krewe.Shop.dll</c>.</summary>
public sealed class ShopHandlerServices : IJobServices
{
    /// <inheritdoc/>
    public void Configure(IServiceCollection services, IConfiguration configuration) => services.AddShop();
}
