using Krewe.Shop.Films;
using Xunit;

namespace Krewe.Silo.Tests.Shop.Films;

public sealed class FilmCatalogueTests : IDisposable
{
    private readonly ShopFolder _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public void Films_WhenTitlesAreNumbersOrMissing_AreReadAllTheSame()
    {
        var films = _shop.Get<FilmCatalogue>().Films;

        Assert.Equal(3201, films.Count);
        Assert.Single(films, film => film.Title is null);
        string[] numbers = ["1776", "1941", "1408", "2012", "2046", "21", "300", "9", "54"];
        Assert.Equal(numbers.Order(StringComparer.Ordinal), films.Select(film => film.Title).Where(title => title is not null && title.All(char.IsAsciiDigit)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Gone with the Wind", 1939)]
    [InlineData("The Birth of a Nation", 1915)]
    [InlineData("Wings", 1927)]
    [InlineData("Restless", 2011)]
    [InlineData("The Land Girls", 1998)]
    public void Year_WhenTheSourceMadeItOfTwoDigits_IsOfTheRightCentury(string title, int year)
    {
        var film = Assert.Single(_shop.Get<FilmCatalogue>().Films, film => film.Title == title);

        Assert.Equal(year, film.Year);
    }

    [Fact]
    public void Films_WhenTheFileIsBroken_SayWhichFile()
    {
        var data = Directory.CreateDirectory(Path.Combine(_shop.Root, "other", "pictures")).Parent!.FullName;
        var file = Path.Combine(data, "films.json");
        File.WriteAllText(file, "[{");
        using var shop = new ShopFolder(options => options.DataDirectory = data);

        var failed = Assert.Throws<InvalidOperationException>(() => shop.Get<FilmCatalogue>().Films);

        Assert.StartsWith($"The film catalogue must be an array of films, '{file}' could not be read:", failed.Message, StringComparison.Ordinal);
    }
}
