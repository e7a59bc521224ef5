using System.Globalization;

namespace Krewe.BulkClient;

/// <summary>What the handler of <c>hostile.noted</c> in the tests of silo processes takes, with a number that it ignores.</summary>
[Job("hostile.noted")]
public sealed record NotedNumber(string Ledger, int Number) : IJob
{
    /// <summary>Its id, where it is enqueued under one.</summary>
    internal string Id => string.Create(CultureInfo.InvariantCulture, $"n-{Number}");
}
