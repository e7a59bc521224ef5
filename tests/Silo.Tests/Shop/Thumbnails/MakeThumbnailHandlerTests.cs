using System.Buffers.Binary;
using Krewe.Shop.Thumbnails;
using SkiaSharp;
using Xunit;

namespace Krewe.Silo.Tests.Shop.Thumbnails;

public sealed class MakeThumbnailHandlerTests : IDisposable
{
    private readonly ShopFolder _shop = new();

    public void Dispose() => _shop.Dispose();

    [Theory]
    [InlineData("astronaut.png", 240, ThumbnailFormat.Jpeg, 240, 240)]
    [InlineData("chelsea.png", 240, ThumbnailFormat.WebP, 240, 160)]
    [InlineData("coffee.png", 240, ThumbnailFormat.Png, 240, 160)]
    [InlineData("hubble_deep_field.jpg", 240, ThumbnailFormat.Jpeg, 240, 209)]
    [InlineData("rocket.jpg", 240, ThumbnailFormat.Jpeg, 240, 160)]
    [InlineData("rocket.jpg", 64, ThumbnailFormat.Jpeg, 64, 43)]
    [InlineData("rocket.jpg", 500, ThumbnailFormat.Png, 500, 334)]
    [InlineData("chelsea.png", 4096, ThumbnailFormat.Jpeg, 451, 300)]
    public async Task Handle_WhenThePictureIsWhole_MakesASmallOneOfTheSameShape(string picture, int side, ThumbnailFormat format, int width, int height)
    {
        var context = new ShopContext();

        var thumbnail = await RunAsync(new MakeThumbnail(picture, side, format), context);

        using var codec = SKCodec.Create(thumbnail.Path);
        Assert.Equal((width, height), (thumbnail.Width, thumbnail.Height));
        Assert.Equal(new SKSizeI(width, height), codec.Info.Size);
        Assert.Equal(format.ToString(), codec.EncodedFormat.ToString(), ignoreCase: true);
        Assert.Equal(new FileInfo(thumbnail.Path).Length, thumbnail.LengthBytes);
        Assert.Equal([(1, 3), (2, 3), (3, 3)], context.Progress);
        Assert.Single(_shop.Files());
    }

    [Fact]
    public async Task Handle_WhenMade_LooksLikeThePicture()
    {
        var thumbnail = await RunAsync(new MakeThumbnail("rocket.jpg", 64, ThumbnailFormat.Png));

        using var small = SKBitmap.Decode(thumbnail.Path);
        using var large = SKBitmap.Decode(Path.Combine(_shop.Options.PictureDirectory, "rocket.jpg"));
        Assert.Equal(Mean(large).Red, Mean(small).Red, tolerance: 2.0);
        Assert.Equal(Mean(large).Blue, Mean(small).Blue, tolerance: 2.0);
    }

    [Fact]
    public async Task Handle_WhenThePictureWasCutShort_FailsForGoodAndWritesNothing()
    {
        var failed = await Assert.ThrowsAsync<FailJobException>(() => RunAsync(new MakeThumbnail("truncated.jpg")));

        Assert.Equal("The picture must be a whole JPEG, PNG or WebP file, got 'truncated.jpg': the file ends before the picture does; replace the file and redrive the job.", failed.Message);
        Assert.Empty(_shop.Files());
    }

    [Theory]
    [InlineData("../films.json", "The picture must be a file's name without a folder, got '../films.json'; for example chelsea.png.")]
    [InlineData("", "The picture must be a file's name without a folder, got ''; for example chelsea.png.")]
    public async Task Handle_WhenTheNameLeavesTheFolder_FailsForGood(string picture, string sentence)
    {
        var failed = await Assert.ThrowsAsync<FailJobException>(() => RunAsync(new MakeThumbnail(picture)));

        Assert.Equal(sentence, failed.Message);
    }

    [Fact]
    public async Task Handle_WhenThereIsNoSuchPicture_FailsForGood()
    {
        var failed = await Assert.ThrowsAsync<FailJobException>(() => RunAsync(new MakeThumbnail("dog.png")));

        Assert.Equal($"The picture must be in {_shop.Options.PictureDirectory}, got 'dog.png', which is not there; put the file there and redrive the job.", failed.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4097)]
    public async Task Handle_WhenTheSideIsOutOfBounds_FailsForGood(int side)
    {
        var failed = await Assert.ThrowsAsync<FailJobException>(() => RunAsync(new MakeThumbnail("chelsea.png", side)));

        Assert.Equal($"LongestSide must be 1..4096 px, got {side}; 240 suits a list.", failed.Message);
    }

    [Fact]
    public async Task Handle_WhenTheFileIsNoPicture_FailsForGood()
    {
        using var shop = WithPicture("note.png", [.. Enumerable.Repeat((byte)'x', 1000)]);

        var failed = await Assert.ThrowsAsync<FailJobException>(() => RunAsync(new MakeThumbnail("note.png"), shop: shop));

        Assert.Equal("The picture must be a whole JPEG, PNG or WebP file, got 'note.png': it is no picture that can be read (Unimplemented); replace the file and redrive the job.", failed.Message);
    }

    [Theory]
    [InlineData("rocket.jpg", 64)]
    [InlineData("rocket.jpg", 640)]
    [InlineData("coffee.png", 64)]
    public async Task Handle_WhenTheLastTenthIsMissing_FailsForGood(string picture, int side)
    {
        var whole = await File.ReadAllBytesAsync(Path.Combine(_shop.Options.PictureDirectory, picture), TestContext.Current.CancellationToken);
        using var shop = WithPicture(picture, whole[..(whole.Length * 9 / 10)]);

        var failed = await Assert.ThrowsAsync<FailJobException>(() => RunAsync(new MakeThumbnail(picture, side), shop: shop));

        Assert.Contains($"got '{picture}': the file ends before the picture does;", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handle_WhenTheMiddleIsDamaged_FailsForGood()
    {
        var bytes = await File.ReadAllBytesAsync(Path.Combine(_shop.Options.PictureDirectory, "coffee.png"), TestContext.Current.CancellationToken);
        bytes.AsSpan(bytes.Length / 2, 64).Clear();
        using var shop = WithPicture("coffee.png", bytes);

        var failed = await Assert.ThrowsAsync<FailJobException>(() => RunAsync(new MakeThumbnail("coffee.png"), shop: shop));

        Assert.Contains("got 'coffee.png': the file is damaged;", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handle_WhenThePictureIsTransparent_PutsItOnWhiteInAJpeg()
    {
        using var clear = new SKBitmap(8, 8);
        using var shop = WithPicture("clear.png", clear.Encode(SKEncodedImageFormat.Png, 100).ToArray());

        var thumbnail = await RunAsync(new MakeThumbnail("clear.png", 8), shop: shop);

        using var made = SKBitmap.Decode(thumbnail.Path);
        Assert.Equal(SKColors.White, made.GetPixel(4, 4));
    }

    /// <summary>Stored: red green above blue white, 40 × 20. By EXIF's orientation, these are the corners as they are looked at: top left, top right, bottom left, bottom right.</summary>
    [Theory]
    [InlineData(1, "RGBW")]
    [InlineData(2, "GRWB")]
    [InlineData(3, "WBGR")]
    [InlineData(4, "BWRG")]
    [InlineData(5, "RBGW")]
    [InlineData(6, "BRWG")]
    [InlineData(7, "WGBR")]
    [InlineData(8, "GWRB")]
    public async Task Handle_WhenTheCameraWasHeldOtherwise_TurnsThePicture(byte orientation, string corners)
    {
        using var shop = WithPicture("turned.jpg", WithOrientation(FourColours(), orientation));

        var thumbnail = await RunAsync(new MakeThumbnail("turned.jpg", 20, ThumbnailFormat.Png), shop: shop);

        Assert.Equal(orientation < 5 ? (20, 10) : (10, 20), (thumbnail.Width, thumbnail.Height));
        using var made = SKBitmap.Decode(thumbnail.Path);
        var (right, bottom) = (made.Width - 3, made.Height - 3);
        Assert.Equal(corners, string.Concat(new[] { made.GetPixel(2, 2), made.GetPixel(right, 2), made.GetPixel(2, bottom), made.GetPixel(right, bottom) }.Select(Letter)));
    }

    [Fact]
    public async Task Handle_WhenTheAttemptIsCancelled_WritesNothing()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _shop.Make<MakeThumbnailHandler>().HandleAsync(new MakeThumbnail("chelsea.png"), new ShopContext(), cancel.Token));

        Assert.Empty(_shop.Files());
    }

    private Task<Thumbnail> RunAsync(MakeThumbnail job, ShopContext? context = null, ShopFolder? shop = null) =>
        (shop ?? _shop).Make<MakeThumbnailHandler>().HandleAsync(job, context ?? new ShopContext(), TestContext.Current.CancellationToken);

    private ShopFolder WithPicture(string name, byte[] bytes)
    {
        var data = Directory.CreateDirectory(Path.Combine(_shop.Root, "other")).FullName;
        File.Copy(_shop.Options.FilmsFile, Path.Combine(data, "films.json"));
        Directory.CreateDirectory(Path.Combine(data, "pictures"));
        File.WriteAllBytes(Path.Combine(data, "pictures", name), bytes);
        return new ShopFolder(options => options.DataDirectory = data);
    }

    private static byte[] FourColours()
    {
        using var bitmap = new SKBitmap(40, 20);
        using var canvas = new SKCanvas(bitmap);
        (SKColor Colour, int X, int Y)[] corners = [(SKColors.Red, 0, 0), (SKColors.Lime, 20, 0), (SKColors.Blue, 0, 10), (SKColors.White, 20, 10)];
        foreach (var (colour, x, y) in corners)
        {
            using var paint = new SKPaint { Color = colour };
            canvas.DrawRect(x, y, 20, 10, paint);
        }

        return bitmap.Encode(SKEncodedImageFormat.Jpeg, 100).ToArray();
    }

    /// <summary>Puts an EXIF segment with one entry, the orientation, behind the JPEG's first marker.</summary>
    private static byte[] WithOrientation(byte[] jpeg, byte orientation)
    {
        byte[] exif = [.. "Exif\0\0MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)(exif.Length + 2));
        return [.. jpeg[..2], 0xFF, 0xE1, .. length, .. exif, .. jpeg[2..]];
    }

    private static char Letter(SKColor colour) => (colour.Red > 127, colour.Green > 127, colour.Blue > 127) switch
    {
        (true, false, false) => 'R',
        (false, true, false) => 'G',
        (false, false, true) => 'B',
        (true, true, true) => 'W',
        _ => '?',
    };

    private static (double Red, double Blue) Mean(SKBitmap bitmap) => (bitmap.Pixels.Average(pixel => pixel.Red), bitmap.Pixels.Average(pixel => pixel.Blue));
}
