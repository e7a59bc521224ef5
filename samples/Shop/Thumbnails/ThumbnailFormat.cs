using System.Text.Json.Serialization;

namespace Krewe.Shop.Thumbnails;

/// <summary>The file format of a thumbnail.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ThumbnailFormat>))]
public enum ThumbnailFormat
{
    /// <summary>JPEG, on white where the picture is transparent.</summary>
    Jpeg = 0,

    /// <summary>PNG.</summary>
    Png = 1,

    /// <summary>WebP.</summary>
    WebP = 2,
}
