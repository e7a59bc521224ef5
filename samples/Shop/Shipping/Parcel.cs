namespace Krewe.Shop.Shipping;

/// <summary>A parcel that is on its way.</summary>
/// <param name="OrderId">The order that it holds.</param>
/// <param name="Carrier">Who brings it.</param>
/// <param name="LabelFile">Its label.</param>
public sealed record Parcel(string OrderId, string Carrier, string LabelFile);
