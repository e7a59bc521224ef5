namespace Krewe.Retries;

/// <summary>Whether an exception is one that a policy tries again. Pure; compares names, never loads a type.</summary>
internal static class RetryFilter
{
    /// <summary>Whether the policy retries this exception.</summary>
    /// <param name="policy">Its <see cref="RetryPolicy.DontRetryOn"/> is stronger than its <see cref="RetryPolicy.RetryOn"/>; where the latter is set, only its types are retried.</param>
    /// <param name="exceptionType">The type that was thrown; matched with its base types, as a <c>catch</c> would.</param>
    internal static bool IsRetryable(RetryPolicy policy, Type exceptionType) =>
        !Matches(policy.DontRetryOn, exceptionType) && (policy.RetryOn.Count == 0 || Matches(policy.RetryOn, exceptionType));

    private static bool Matches(IReadOnlyList<string> names, Type exceptionType)
    {
        for (var type = names.Count == 0 ? null : exceptionType; type is not null; type = type.BaseType)
        {
            if (Holds(names, type.FullName ?? type.Name))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Holds(IReadOnlyList<string> names, string name)
    {
        for (var index = 0; index < names.Count; index++)
        {
            if (string.Equals(names[index], name, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
