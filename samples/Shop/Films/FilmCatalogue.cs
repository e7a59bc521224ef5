using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Krewe.Shop.Films;

/// <summary>The films of the shop; read from <c>films.json</c> at first use and kept.</summary>
/// <param name="options">Where the file is.</param>
public sealed class FilmCatalogue(IOptions<ShopOptions> options)
{
    private readonly Lazy<IReadOnlyList<Film>> _films = new(() => Load(options.Value.FilmsFile), LazyThreadSafetyMode.PublicationOnly);

    /// <summary>All films, in the order of the file.</summary>
    /// <exception cref="InvalidOperationException">The file is missing or is not an array of films.</exception>
    public IReadOnlyList<Film> Films => _films.Value;

    /// <summary>The genres that the films are of, sorted.</summary>
    /// <inheritdoc cref="Films" path="/exception"/>
    public IReadOnlyList<string> Genres => [.. Films.Select(film => film.Genre).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    private static List<Film> Load(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize<List<Film>>(file) ?? throw new JsonException("The file says null.");
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            throw new InvalidOperationException($"The film catalogue must be an array of films, '{path}' could not be read: {exception.Message}", exception);
        }
    }
}
