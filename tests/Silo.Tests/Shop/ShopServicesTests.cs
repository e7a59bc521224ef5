using Krewe.Shop;
using Krewe.Shop.Orders;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Krewe.Silo.Tests.Shop;

public sealed class ShopServicesTests
{
    [Fact]
    public void AddShop_WhenDataFolderIsMissing_FailsWithOneSentence()
    {
        using var shop = new ShopFolder(options => options.DataDirectory = "/nowhere/shop-data");

        var refused = Assert.Throws<OptionsValidationException>(() => shop.Options);

        Assert.Equal("Shop:DataDirectory must be a folder with films.json and pictures/, got '/nowhere/shop-data'; it is 'shop-data' beside the program after a build, or samples/Shop/data.", refused.Message);
    }

    [Fact]
    public void AddShop_WhenSeveralOptionsAreWrong_NamesThemAll()
    {
        using var shop = new ShopFolder(options =>
        {
            options.GatewayUrl = new Uri("ftp://gateway");
            options.Smtp.Port = 0;
            options.Smtp.From = "shop";
            options.Smtp.Password = "secret";
            options.Smtp.TimeoutSeconds = 0;
        });

        var refused = Assert.Throws<OptionsValidationException>(() => shop.Options);

        Assert.Equal(["Shop:GatewayUrl", "Shop:Smtp:Port", "Shop:Smtp:TimeoutSeconds", "Shop:Smtp:From", "Shop:Smtp:UserName"], refused.Failures.Select(failure => failure.Split(' ')[0]));
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddShop_WhenConfigured_BindsTheSectionBelowTheCallersOwnChoice()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Shop:GatewayUrl"] = "http://gateway.example",
            ["Shop:OutputDirectory"] = "/from/configuration",
            ["Shop:Smtp:Host"] = "mail.example",
            ["Shop:Smtp:Port"] = "2525",
        }).Build());

        services.AddShop().AddShop(options => options.OutputDirectory = "/from/code");
        using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<ShopOptions>>().Value;

        Assert.Equal("http://gateway.example/", options.GatewayUrl?.ToString());
        Assert.Equal("/from/code", options.OutputDirectory);
        Assert.Equal(2525, options.Smtp.Port);
        Assert.IsType<SmtpEmailSender>(provider.GetRequiredService<IEmailSender>());
        Assert.Single(provider.GetServices<IEmailSender>());
    }

    [Fact]
    public void AddShop_WhenNoMailServerIsConfigured_WritesMailsToTheFolder()
    {
        using var shop = new ShopFolder();

        Assert.IsType<FolderEmailSender>(shop.Get<IEmailSender>());
        Assert.Equal(Path.Combine(AppContext.BaseDirectory, "shop-data"), shop.Options.DataDirectory);
    }
}
