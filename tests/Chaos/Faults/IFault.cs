namespace Krewe.Chaos.Faults;

/// <summary>One thing that goes wrong, from its beginning until the cluster is whole again.</summary>
internal interface IFault
{
    /// <summary>Its name on the command line and in the table.</summary>
    string Name { get; }

    /// <summary>Lets it happen.</summary>
    /// <exception cref="ChaosException">The cluster did not do what this fault expects of it.</exception>
    Task InjectAsync(Scene scene, CancellationToken cancellationToken);
}
