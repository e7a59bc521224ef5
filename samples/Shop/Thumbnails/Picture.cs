using System.Globalization;
using SkiaSharp;

namespace Krewe.Shop.Thumbnails;

/// <summary>Reads pictures strictly and scales them.</summary>
internal static class Picture
{
    /// <summary>A picture of more pixels is refused: 100 million take 400 MB, and a small file can claim any size.</summary>
    internal const long MostPixels = 100_000_000;

    private const int Quality = 85;

    /// <summary>Reads a whole picture, for its scaling to at least the given side.</summary>
    /// <param name="codec">The opened file.</param>
    /// <param name="longestSide">The side that is wanted, in pixels.</param>
    /// <exception cref="UnreadablePictureException">It is too large, broken, or ends early.</exception>
    /// <remarks><c>SKBitmap.Decode</c> would return a half grey picture for a file that was cut short; the codec's own answer says so.</remarks>
    public static SKBitmap Decode(SKCodec codec, int longestSide)
    {
        if ((long)codec.Info.Width * codec.Info.Height > MostPixels)
        {
            throw new UnreadablePictureException(string.Create(CultureInfo.InvariantCulture, $"it must have at most {MostPixels} pixels, got {codec.Info.Width} × {codec.Info.Height}"));
        }

        // JPEG can be read at 1/8, 2/8 … of its size, which is faster and smaller; other formats answer with the whole size.
        var scale = Math.Min(1f, (float)longestSide / Math.Max(codec.Info.Width, codec.Info.Height));
        var size = codec.GetScaledDimensions(scale);
        if (Math.Max(size.Width, size.Height) < longestSide)
        {
            size = codec.Info.Size;
        }

        var bitmap = new SKBitmap(new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Premul));
        var result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        if (result == SKCodecResult.Success)
        {
            return bitmap;
        }

        bitmap.Dispose();
        throw new UnreadablePictureException(Reason(result));
    }

    /// <summary>The codec's answer in words.</summary>
    public static string Reason(SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput => "the file ends before the picture does",
        SKCodecResult.ErrorInInput => "the file is damaged",
        _ => $"it is no picture that can be read ({result})",
    };

    /// <summary>The size of the thumbnail before it is turned, from the size in the file: a reduced reading is rounded and would bend the shape by a pixel.</summary>
    /// <param name="whole">The picture's size.</param>
    /// <param name="longestSide">In pixels; a smaller picture is not blown up.</param>
    public static SKSizeI Fit(SKSizeI whole, int longestSide)
    {
        var scale = Math.Min(1.0, (double)longestSide / Math.Max(whole.Width, whole.Height));
        return new SKSizeI(Math.Max(1, (int)Math.Round(whole.Width * scale)), Math.Max(1, (int)Math.Round(whole.Height * scale)));
    }

    /// <summary>Scales and turns a picture the way it is looked at.</summary>
    /// <param name="source">The pixels as stored.</param>
    /// <param name="origin">How the camera was held.</param>
    /// <param name="size">The size before it is turned.</param>
    /// <param name="background">What shows through.</param>
    public static SKImage Scale(SKBitmap source, SKEncodedOrigin origin, SKSizeI size, SKColor background)
    {
        var (width, height) = (size.Width, size.Height);
        var isTurned = origin >= SKEncodedOrigin.LeftTop;
        using var surface = SKSurface.Create(new SKImageInfo(isTurned ? height : width, isTurned ? width : height, SKColorType.Rgba8888, SKAlphaType.Premul));
        var canvas = surface.Canvas;
        canvas.Clear(background);
        canvas.SetMatrix(Upright(origin, width, height));
        using var image = SKImage.FromBitmap(source);
        canvas.DrawImage(image, new SKRect(0, 0, width, height), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        return surface.Snapshot();
    }

    /// <summary>The file's bytes.</summary>
    public static byte[] Encode(SKImage image, ThumbnailFormat format)
    {
        using var encoded = image.Encode(format switch
        {
            ThumbnailFormat.Png => SKEncodedImageFormat.Png,
            ThumbnailFormat.WebP => SKEncodedImageFormat.Webp,
            _ => SKEncodedImageFormat.Jpeg,
        }, Quality) ?? throw new InvalidOperationException($"The picture could not be written as {format}.");
        return encoded.ToArray();
    }

    /// <summary>From stored pixels (w × h) to upright ones, for each of EXIF's eight orientations: x' = a·x + b·y + c, y' = d·x + e·y + f.</summary>
    private static SKMatrix Upright(SKEncodedOrigin origin, float w, float h) => origin switch
    {
        SKEncodedOrigin.TopRight => Matrix(-1, 0, w, 0, 1, 0),
        SKEncodedOrigin.BottomRight => Matrix(-1, 0, w, 0, -1, h),
        SKEncodedOrigin.BottomLeft => Matrix(1, 0, 0, 0, -1, h),
        SKEncodedOrigin.LeftTop => Matrix(0, 1, 0, 1, 0, 0),
        SKEncodedOrigin.RightTop => Matrix(0, -1, h, 1, 0, 0),
        SKEncodedOrigin.RightBottom => Matrix(0, -1, h, -1, 0, w),
        SKEncodedOrigin.LeftBottom => Matrix(0, 1, 0, -1, 0, w),
        _ => SKMatrix.Identity,
    };

    private static SKMatrix Matrix(params ReadOnlySpan<float> m) => new(m[0], m[1], m[2], m[3], m[4], m[5], 0, 0, 1);
}
