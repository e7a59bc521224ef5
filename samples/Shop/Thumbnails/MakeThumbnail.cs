namespace Krewe.Shop.Thumbnails;

/// <summary>Makes a small copy of a picture.</summary>
/// <param name="Picture">A file's name in the picture folder, such as <c>chelsea.png</c>.</param>
/// <param name="LongestSide">In pixels, 1..4,096; a smaller picture keeps its size.</param>
/// <param name="Format">The thumbnail's file format.</param>
[Job("pictures.thumbnail", Queue = "low", MaxRetries = 2, SoftTimeLimitSeconds = 60, TimeLimitSeconds = 120)]
public sealed record MakeThumbnail(string Picture, int LongestSide = 240, ThumbnailFormat Format = ThumbnailFormat.Jpeg) : IJob<Thumbnail>;
