namespace Krewe.Shop.Thumbnails;

/// <summary>A thumbnail that was written.</summary>
/// <param name="Path">The file.</param>
/// <param name="Width">In pixels, as it is looked at.</param>
/// <param name="Height">In pixels, as it is looked at.</param>
/// <param name="LengthBytes">The file's length.</param>
public sealed record Thumbnail(string Path, int Width, int Height, long LengthBytes);
