namespace Krewe.Shop;

/// <summary>What the shop needs to know; bound from the section <c>Shop</c>.</summary>
public sealed class ShopOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Shop";

    /// <summary>Where mails, thumbnails, reports, labels and reservations are written; made when it is not there. Default: <c>krewe-demo</c> in the current directory.</summary>
    public string OutputDirectory { get; set; } = Path.GetFullPath("krewe-demo");

    /// <summary>The folder with <c>films.json</c> and <c>pictures/</c>. Default: <c>shop-data</c> beside the program.</summary>
    public string DataDirectory { get; set; } = Path.Combine(AppContext.BaseDirectory, "shop-data");

    /// <summary>The payment gateway, an absolute http(s) address. Default none: refunds fail with a sentence that says so.</summary>
    public Uri? GatewayUrl { get; set; }

    /// <summary>The mail server. Without a host, mails are written as <c>.eml</c> files into <see cref="MailDirectory"/>.</summary>
    public SmtpOptions Smtp { get; set; } = new();

    /// <summary>The partner that is told of each daily report, an absolute http(s) address. Default none: nobody is told.</summary>
    public Uri? WebhookUrl { get; set; }

    /// <summary>Who gets the weekly digest. Default: <c>owner@shop.example</c>.</summary>
    public string OwnerEmail { get; set; } = "owner@shop.example";

    /// <summary>Where mails go when there is no mail server.</summary>
    public string MailDirectory => Path.Combine(OutputDirectory, "mail");

    /// <summary>Where thumbnails go.</summary>
    public string ThumbnailDirectory => Path.Combine(OutputDirectory, "thumbnails");

    /// <summary>Where reports go.</summary>
    public string ReportDirectory => Path.Combine(OutputDirectory, "reports");

    /// <summary>Where reservations are kept.</summary>
    public string StockDirectory => Path.Combine(OutputDirectory, "stock");

    /// <summary>Where labels of parcels go.</summary>
    public string ShippingDirectory => Path.Combine(OutputDirectory, "shipping");

    /// <summary>Where webhooks wait until partners take them.</summary>
    public string WebhookDirectory => Path.Combine(OutputDirectory, "webhooks");

    /// <summary>Where a gateway that runs beside the shop keeps its books, for <see cref="Gateway.PaymentGateway.StartAsync"/>.</summary>
    public string GatewayLedgerFile => Path.Combine(OutputDirectory, "gateway", "ledger.jsonl");

    /// <summary>The page of the nightly report.</summary>
    /// <param name="day">The day that it is of.</param>
    public string NightlyFile(DateOnly day) => Path.Combine(ReportDirectory, $"nightly-{day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)}.html");

    /// <summary>The films, as JSON.</summary>
    public string FilmsFile => Path.Combine(DataDirectory, "films.json");

    /// <summary>The pictures that thumbnails are made of.</summary>
    public string PictureDirectory => Path.Combine(DataDirectory, "pictures");
}
