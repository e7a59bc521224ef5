namespace Krewe.Shop;

/// <summary>How to reach a mail server; bound from <c>Shop:Smtp</c>.</summary>
public sealed class SmtpOptions
{
    /// <summary>The server's name. Default none: mails become files.</summary>
    public string? Host { get; set; }

    /// <summary>1..65535; default 587 (submission).</summary>
    public int Port { get; set; } = 587;

    /// <summary>The account; default none: no sign-in.</summary>
    public string? UserName { get; set; }

    /// <summary>The account's password.</summary>
    public string? Password { get; set; }

    /// <summary>Whether the connection must be encrypted: from the first byte on port 465, by STARTTLS elsewhere. Default true; false never encrypts.</summary>
    public bool UseTls { get; set; } = true;

    /// <summary>The sender's address. Default <c>orders@shop.example</c>.</summary>
    public string From { get; set; } = "orders@shop.example";

    /// <summary>How long one answer of the server may take, 1..600 seconds; default 20, below the job's soft limit of 30.</summary>
    public int TimeoutSeconds { get; set; } = 20;
}
