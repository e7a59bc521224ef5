using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>Turns what Redis and its driver throw into the store's own exceptions.</summary>
internal static class RedisErrors
{
    private static readonly string[] PasswordErrors = ["NOAUTH", "WRONGPASS", "ERR AUTH", "ERR invalid password"];

    /// <summary>What a server says that answers and does not serve, and what that means to people.</summary>
    private static readonly (string Error, string Meaning)[] Refusals =
    [
        ("READONLY", "is a read-only replica; name the primary in the connection string, or wait until this one is promoted"),
        ("requires writable", "is a read-only replica; name the primary in the connection string, or wait until this one is promoted"),
        ("LOADING", "still loads its data; it serves when it has"),
        ("OOM", "has no memory left; raise maxmemory, or wait until jobs have finished"),
        ("MISCONF", "cannot write to its disk; see its log and free some space"),
        ("NOREPLICAS", "has fewer replicas than min-replicas-to-write asks for; start them"),
        ("CLUSTERDOWN", "is a cluster without a node for every slot; see CLUSTER INFO"),
        ("TRYAGAIN", "is moving this partition to another node; it is served again when all its keys are there"),
    ];

    /// <summary>Whether a call that fails so may be answered later: the store is away, busy, starting, full or moving.</summary>
    internal static bool IsOfTheStore(Exception exception) =>
        exception is RedisException or TimeoutException or ObjectDisposedException or SocketException or IOException;

    /// <summary>Whether Redis refused new work because its memory is used up; nothing was written.</summary>
    internal static bool IsFull(Exception exception) =>
        exception is RedisServerException && exception.Message.Contains("OOM", StringComparison.Ordinal);

    /// <summary>Whether the keys of a call lie on two nodes, because their slot is moving; nothing was written.</summary>
    internal static bool IsMoving(Exception exception) =>
        exception is RedisServerException && exception.Message.StartsWith("TRYAGAIN", StringComparison.Ordinal);

    internal static bool IsUnknownScript(Exception exception) =>
        exception is RedisServerException && exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal);

    /// <summary>Whether the server wants a password, or another one.</summary>
    internal static bool IsAboutPassword(Exception exception) =>
        exception is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure }
        || PasswordErrors.Any(error => exception.Message.Contains(error, StringComparison.Ordinal))
        || (exception.InnerException is { } inner && IsAboutPassword(inner));

    /// <summary>Never returns: throws what the caller of a store expects.</summary>
    [DoesNotReturn]
    internal static void Throw(Exception exception, string endpoint)
    {
        if (IsAboutPassword(exception))
        {
            throw new StoreConfigurationException(
                $"Redis at {endpoint} refused the password; put the right one into the connection string (host:port,password=...), or user=...,password=... for a named user.", exception);
        }

        var said = exception is RedisConnectionException { FailureType: ConnectionFailureType.Loading } ? "LOADING" : exception.Message; // The driver heard it as it connected.
        if (Refusals.FirstOrDefault(refusal => said.Contains(refusal.Error, StringComparison.Ordinal)) is { Meaning: { } meaning })
        {
            throw new StoreUnavailableException($"Redis at {endpoint} {meaning} ({FirstSentence(said)}).", exception);
        }

        throw new StoreUnavailableException(
            $"Redis at {endpoint} did not carry out the call ({Reason(exception)}); it may or may not have been written. Check that Redis runs and is reachable.", exception);
    }

    /// <summary>A short reason that is safe to show: the driver's messages name endpoints, never passwords.</summary>
    internal static string Reason(Exception exception) => exception switch
    {
        RedisTimeoutException or TimeoutException => "no answer in time",
        RedisConnectionException connection => "no connection: " + connection.FailureType,
        _ => exception.Message,
    };

    /// <summary>Redis goes on with what it thinks of the reason, and with the script's hash.</summary>
    private static string FirstSentence(string said) => said.Split(". ", 2)[0].TrimEnd('.');
}
