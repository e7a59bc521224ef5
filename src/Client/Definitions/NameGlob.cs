namespace Krewe.Definitions;

/// <summary>Job-name patterns in which <c>*</c> stands for any characters, none included. Pure; case matters, as it does in names.</summary>
internal static class NameGlob
{
    /// <summary>Whether a name matches. O(pattern × name) at worst, no allocation.</summary>
    internal static bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        var (p, n, star, resume) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, resume) = (p++, n);
            }
            else if (p < pattern.Length && pattern[p] == name[n])
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                // The last star takes one more character; earlier stars need not be tried again.
                (p, n) = (star + 1, ++resume);
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].TrimStart('*').IsEmpty;
    }
}
