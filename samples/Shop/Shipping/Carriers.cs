using System.Collections.Frozen;

namespace Krewe.Shop.Shipping;

/// <summary>Who brings parcels where.</summary>
internal static class Carriers
{
    private static readonly FrozenDictionary<string, string> ByCountry = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["AT"] = "Österreichische Post", ["AU"] = "Australia Post", ["BR"] = "Correios", ["CA"] = "Canada Post", ["CH"] = "Die Schweizerische Post", ["DE"] = "Deutsche Post",
        ["ES"] = "Correos", ["FR"] = "La Poste", ["GB"] = "Royal Mail", ["IE"] = "An Post", ["IN"] = "India Post", ["IT"] = "Poste Italiane", ["JP"] = "Japan Post",
        ["NL"] = "PostNL", ["NZ"] = "New Zealand Post", ["PL"] = "Poczta Polska", ["SE"] = "PostNord", ["US"] = "United States Postal Service",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The carrier for a country; null: nobody goes there.</summary>
    /// <param name="country">ISO 3166, two letters.</param>
    public static string? For(string country) => ByCountry.GetValueOrDefault(country);
}
