namespace Krewe.Shop.Stock;

/// <summary>Films that are set aside for an order.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Lines">The films.</param>
/// <param name="Total">What the customer pays for them, in euro.</param>
public sealed record Reservation(string OrderId, IReadOnlyList<ReservedFilm> Lines, decimal Total);

/// <summary>Copies of one film that are set aside.</summary>
/// <param name="Title">The film.</param>
/// <param name="Year">Its year, where known.</param>
/// <param name="Quantity">How many.</param>
public sealed record ReservedFilm(string Title, int? Year, int Quantity);
