using System.Globalization;
using System.Text.Json;
using Krewe.Shop.Films;
using Krewe.Shop.Orders;
using Microsoft.Extensions.Options;

namespace Krewe.Shop.Stock;

/// <summary>The copies that the shop has, and what is set aside for orders: one file for each. Thread-safe, for one process.</summary>
/// <remarks>The shop has 20 copies of each film that somebody distributes, and none of the 232 of which the catalogue names no distributor: of those it can get no more.</remarks>
/// <param name="catalogue">The films.</param>
/// <param name="options">Where reservations are kept.</param>
public sealed class StockRoom(FilmCatalogue catalogue, IOptions<ShopOptions> options)
{
    internal const int CopiesOfAFilm = 20;

    private readonly Lock _lock = new();
    private readonly Lazy<HashSet<(string?, int?)>> _supplied = new(() => [.. catalogue.Films.Where(film => film.Distributor is not null).Select(film => (film.Title, film.Year))], LazyThreadSafetyMode.PublicationOnly);

    private string Folder => options.Value.StockDirectory;

    /// <summary>What is set aside now.</summary>
    public IReadOnlyList<Reservation> Reservations
    {
        get
        {
            lock (_lock)
            {
                return [.. Read()];
            }
        }
    }

    /// <summary>Sets an order's films aside, all or none. Once: an order that is set aside already stays so.</summary>
    /// <param name="order">The order.</param>
    /// <exception cref="OutOfStockException">There are too few copies of a film.</exception>
    public Reservation Reserve(Order order)
    {
        ArgumentNullException.ThrowIfNull(order);
        lock (_lock)
        {
            var reserved = Read().ToList();
            if (reserved.Find(reservation => reservation.OrderId == order.OrderId) is { } earlier)
            {
                return earlier;
            }

            foreach (var line in order.Lines)
            {
                var free = Copies(line) - reserved.SelectMany(reservation => reservation.Lines).Where(film => (film.Title, film.Year) == (line.Title, line.Year)).Sum(film => film.Quantity);
                if (free < line.Quantity)
                {
                    throw new OutOfStockException(string.Create(CultureInfo.InvariantCulture, $"'{line.Title}' is out of stock: {line.Quantity} wanted, {Math.Max(0, free)} there."));
                }
            }

            var made = new Reservation(order.OrderId, [.. order.Lines.Select(line => new ReservedFilm(line.Title, line.Year, line.Quantity))], order.Total);
            Write(made);
            return made;
        }
    }

    /// <summary>Puts an order's films back.</summary>
    /// <param name="orderId">The order.</param>
    /// <returns>False: nothing was set aside for it.</returns>
    public bool Release(string orderId)
    {
        lock (_lock)
        {
            var path = PathOf(orderId);
            var isThere = File.Exists(path);
            File.Delete(path);
            return isThere;
        }
    }

    private int Copies(OrderLine line) => _supplied.Value.Contains((line.Title, line.Year)) ? CopiesOfAFilm : 0;

    private IEnumerable<Reservation> Read()
    {
        Directory.CreateDirectory(Folder);
        return Directory.EnumerateFiles(Folder, "*.json").Order(StringComparer.Ordinal).Select(path => JsonSerializer.Deserialize<Reservation>(File.ReadAllBytes(path))!);
    }

    private void Write(Reservation reservation)
    {
        var (path, draft) = (PathOf(reservation.OrderId), PathOf(reservation.OrderId) + ".tmp");
        File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(reservation));
        File.Move(draft, path, overwrite: true);
    }

    private string PathOf(string orderId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(orderId);
        Directory.CreateDirectory(Folder);
        return Path.Combine(Folder, $"order-{Uri.EscapeDataString(orderId)}.json");
    }
}
