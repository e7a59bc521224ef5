namespace Krewe.Dispatch;

/// <summary>What a silo does about a store that does not answer it. Pure.</summary>
internal static class StoreVerdict
{
    /// <summary>How long a silo that gave up waits for its handlers.</summary>
    internal static readonly TimeSpan LongestStay = TimeSpan.FromMinutes(2);

    /// <summary>Whether to ask the peers: they tell a lost way from a lost store.</summary>
    /// <param name="failing">How long every call has failed; null: the last one was answered.</param>
    /// <param name="patience">For how long that is borne.</param>
    internal static bool MustAsk(TimeSpan? failing, TimeSpan patience) => failing >= patience;

    /// <summary>How often in a row a peer must have reached the store just after this silo had not: a store that comes back for all is seen by one a moment before the other.</summary>
    private const int Rounds = 3;

    /// <summary>The rounds in a row, after one more.</summary>
    /// <param name="rounds">Before it.</param>
    /// <param name="peers">What each peer that could be asked said: whether it reaches the store. When all silos fail, nobody gives up: it would help nobody.</param>
    internal static int After(int rounds, IEnumerable<bool> peers) => peers.Any(reaches => reaches) ? rounds + 1 : 0;

    /// <summary>Whether to give up the partitions.</summary>
    internal static bool MustGiveUp(int rounds) => rounds >= Rounds;

    /// <summary>Whether a silo that gave up leaves now.</summary>
    /// <param name="running">Handlers that have not ended.</param>
    /// <param name="sinceGivenUp">How long ago it gave up.</param>
    internal static bool MustLeave(int running, TimeSpan sinceGivenUp) => running == 0 || sinceGivenUp >= LongestStay;
}
