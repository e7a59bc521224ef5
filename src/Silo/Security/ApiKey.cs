using System.Security.Cryptography;
using System.Text;
using Krewe.Hosting;

namespace Krewe.Security;

/// <summary>The key that HTTP callers must show. Holds its hash only.</summary>
internal sealed class ApiKey
{
    private readonly byte[] _hash;

    /// <param name="key">The key, not empty.</param>
    public ApiKey(string key) => _hash = Hash(key);

    /// <summary>Reads a key from the first line of a file.</summary>
    /// <exception cref="SiloStartException">There is no such file, it cannot be read, or its first line is empty.</exception>
    public static ApiKey Load(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault()?.Trim() is { Length: > 0 } key
                ? new(key)
                : throw new SiloStartException($"The first line of --api-key-file {path} must hold the key, got an empty one.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SiloStartException($"--api-key-file {path} cannot be read: {exception.Message}");
        }
    }

    /// <summary>Whether a text is the key, in a time that tells nothing about it: hashes have one length.</summary>
    public bool Matches(string text) => CryptographicOperations.FixedTimeEquals(_hash, Hash(text));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
