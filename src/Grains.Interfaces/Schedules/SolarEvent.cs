namespace Krewe;

/// <summary>What the sun does: it passes a height below the horizon, or stands highest.</summary>
public enum SolarEvent
{
    /// <summary>The centre comes up to 18° below the horizon: the first light.</summary>
    DawnAstronomical,

    /// <summary>The centre comes up to 12° below the horizon: the horizon of the sea can be told.</summary>
    DawnNautical,

    /// <summary>The centre comes up to 6° below the horizon: light enough to be out.</summary>
    DawnCivil,

    /// <summary>The upper edge comes up, refraction of 34′ included.</summary>
    Sunrise,

    /// <summary>The sun stands highest.</summary>
    SolarNoon,

    /// <summary>The upper edge goes down, refraction of 34′ included.</summary>
    Sunset,

    /// <summary>The centre goes down to 6° below the horizon.</summary>
    DuskCivil,

    /// <summary>The centre goes down to 12° below the horizon.</summary>
    DuskNautical,

    /// <summary>The centre goes down to 18° below the horizon: the last light.</summary>
    DuskAstronomical,
}
