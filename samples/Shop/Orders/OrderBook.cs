using System.Security.Cryptography;
using System.Text;
using Krewe.Shop.Films;

namespace Krewe.Shop.Orders;

/// <summary>The shop's orders. It stands for a database: every order id has an order, derived from the id alone, so it is the same in each process.</summary>
/// <param name="catalogue">The films for sale.</param>
public sealed class OrderBook(FilmCatalogue catalogue)
{
    private const int MostLines = 4;

    private readonly Lazy<Film[]> _forSale = new(() => [.. catalogue.Films.Where(film => film.Title is not null)], LazyThreadSafetyMode.PublicationOnly);

    /// <summary>The order of this id; null for a blank one.</summary>
    /// <param name="orderId">Any text.</param>
    public Order? Find(string orderId)
    {
        if (string.IsNullOrWhiteSpace(orderId))
        {
            return null;
        }

        // Not string.GetHashCode, which differs from process to process. Byte 0 is the number of lines; then 5 bytes a line.
        var seed = SHA256.HashData(Encoding.UTF8.GetBytes(orderId));
        var lines = Enumerable.Range(0, 1 + (seed[0] % MostLines)).Select(index => Line(seed.AsSpan(1 + (index * 5), 5)));
        return new Order(orderId, [.. lines.DistinctBy(line => (line.Title, line.Year))]);
    }

    private OrderLine Line(ReadOnlySpan<byte> seed)
    {
        var film = _forSale.Value[((seed[0] << 16) | (seed[1] << 8) | seed[2]) % _forSale.Value.Length];
        var quantity = seed[3] < 220 ? 1 : 2;
        var price = 4.99m + (seed[4] % 21);
        return new OrderLine(film.Title!, film.Year, quantity, price);
    }
}
