using System.Reflection;

namespace Krewe.Client.Tests.Fakes;

/// <summary>What Orleans throws for a message that it did not deliver; nobody else can make one.</summary>
internal static class Rejections
{
    internal static OrleansMessageRejectionException New() => (OrleansMessageRejectionException)Activator.CreateInstance(
        typeof(OrleansMessageRejectionException), BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public, null, ["rejected"], null)!;
}
