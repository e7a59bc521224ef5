namespace Krewe.Shop.Thumbnails;

/// <summary>A file that is no picture, or not a whole one; reading it again will not help.</summary>
/// <param name="message">What is wrong with it.</param>
public sealed class UnreadablePictureException(string message) : Exception(message);
