namespace Krewe.Shop.Stock;

/// <summary>There are too few copies of a film.</summary>
/// <param name="message">Which film, and how many there are.</param>
public sealed class OutOfStockException(string message) : Exception(message);
