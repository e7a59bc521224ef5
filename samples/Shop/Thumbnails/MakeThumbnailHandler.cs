using System.Globalization;
using Krewe.Shop.Outputs;
using Microsoft.Extensions.Options;
using SkiaSharp;

namespace Krewe.Shop.Thumbnails;

/// <summary>Makes thumbnails. A picture that cannot be read fails the job at once: the same bytes will not read better later.</summary>
/// <param name="options">Where pictures are and thumbnails go.</param>
public sealed class MakeThumbnailHandler(IOptions<ShopOptions> options) : IJobHandler<MakeThumbnail, Thumbnail>
{
    private const int Steps = 3;
    private const int LargestSide = 4096;

    /// <inheritdoc/>
    public async Task<Thumbnail> HandleAsync(MakeThumbnail job, JobContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(context);
        if (job.LongestSide is < 1 or > LargestSide)
        {
            throw context.Fail(string.Create(CultureInfo.InvariantCulture, $"LongestSide must be 1..{LargestSide} px, got {job.LongestSide}; 240 suits a list."));
        }

        using var codec = Open(job, context);
        using var pixels = Decode(codec, job, context);
        context.ReportProgress(1, Steps, "read");
        cancellationToken.ThrowIfCancellationRequested();

        var background = job.Format == ThumbnailFormat.Jpeg ? SKColors.White : SKColors.Transparent;
        using var image = Picture.Scale(pixels, codec.EncodedOrigin, Picture.Fit(codec.Info.Size, job.LongestSide), background);
        var bytes = Picture.Encode(image, job.Format);
        context.ReportProgress(2, Steps, "scaled");
        cancellationToken.ThrowIfCancellationRequested();

        var path = Path.Combine(options.Value.ThumbnailDirectory, FileName(job));
        await AtomicFile.WriteAsync(path, (stream, token) => stream.WriteAsync(bytes, token).AsTask(), cancellationToken);
        context.ReportProgress(Steps, Steps, "written");
        Log.ThumbnailMade(context.Logger, job.Picture, image.Width, image.Height);
        return new Thumbnail(path, image.Width, image.Height, bytes.Length);
    }

    private SKCodec Open(MakeThumbnail job, JobContext context)
    {
        var folder = options.Value.PictureDirectory;
        if (string.IsNullOrEmpty(job.Picture) || job.Picture.AsSpan().ContainsAny('/', '\\'))
        {
            throw context.Fail($"The picture must be a file's name without a folder, got '{job.Picture}'; for example chelsea.png.");
        }

        var path = Path.Combine(folder, job.Picture);
        if (!File.Exists(path))
        {
            throw context.Fail($"The picture must be in {folder}, got '{job.Picture}', which is not there; put the file there and redrive the job.");
        }

        // Opened here, so that a file that cannot be opened (an IOException, worth a retry) is told from one that is no picture.
        var file = File.OpenRead(path);
        if (SKCodec.Create(file, out var result) is { } codec)
        {
            return codec;
        }

        file.Dispose();
        throw Unreadable(job, context, Picture.Reason(result));
    }

    private static SKBitmap Decode(SKCodec codec, MakeThumbnail job, JobContext context)
    {
        try
        {
            return Picture.Decode(codec, job.LongestSide);
        }
        catch (UnreadablePictureException unreadable)
        {
            throw Unreadable(job, context, unreadable.Message);
        }
    }

    private static Exception Unreadable(MakeThumbnail job, JobContext context, string why) =>
        context.Fail($"The picture must be a whole JPEG, PNG or WebP file, got '{job.Picture}': {why}; replace the file and redrive the job.");

    private static string FileName(MakeThumbnail job)
    {
        var extension = job.Format switch
        {
            ThumbnailFormat.Png => "png",
            ThumbnailFormat.WebP => "webp",
            _ => "jpg",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{job.Picture.Replace('.', '-')}-{job.LongestSide}.{extension}");
    }
}
