namespace Krewe.Shop.Orders;

/// <summary>A mail that no repetition will bring home: the mailbox does not exist, the address is malformed.</summary>
/// <param name="message">Who refused what.</param>
/// <param name="cause">The server's answer.</param>
public sealed class EmailRefusedException(string message, Exception? cause = null) : Exception(message, cause);
