namespace Krewe.Load.Figures;

/// <summary>The little arithmetic of the figures. Pure.</summary>
internal static class Statistics
{
    private const int Digits = 4;

    /// <summary>The middle value; of an even number the mean of the two in the middle.</summary>
    internal static double Median(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The smallest value that a share of all values does not exceed (nearest rank).</summary>
    /// <param name="values">One or more.</param> <param name="share">In (0, 1].</param>
    internal static double Percentile(IReadOnlyCollection<double> values, double share) => values.Order().ElementAt((int)Math.Ceiling(share * values.Count) - 1);

    /// <summary>The value with 4 significant digits.</summary>
    internal static double Round(double value)
    {
        if (value == 0 || !double.IsFinite(value))
        {
            return value;
        }

        var places = Digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return places >= 0 ? Math.Round(value, Math.Min(places, 15)) : Math.Round(value / Math.Pow(10, -places)) * Math.Pow(10, -places);
    }
}
