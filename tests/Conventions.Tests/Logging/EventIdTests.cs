using System.Reflection;
using Krewe.Conventions.Tests.Repository;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Krewe.Conventions.Tests.Logging;

/// <summary>An event id means one event, wherever it is logged, so that an operator can search by it.</summary>
public sealed class EventIdTests
{
    private const int BlockSize = 100;
    private const BindingFlags AllMethods = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly IReadOnlyList<LogEvent> Events = [.. SourceAssemblies.All.Append(Assembly.Load(new AssemblyName("Krewe.Shop"))).SelectMany(EventsOf)];

    [Fact]
    public void EventIds_AreWrittenDown()
    {
        Findings.ShouldBeNone(Events.Where(log => log.Id <= 0).Select(log => log.Place), "Every [LoggerMessage] names its event id.");
    }

    [Fact]
    public void EventIds_AreUnique()
    {
        var findings = from log in Events
                       where log.Id > 0
                       group log.Place by log.Id into places
                       where places.Count() > 1
                       select $"{places.Key}: {string.Join(", ", places)}";

        Findings.ShouldBeNone(findings, "An event id belongs to one [LoggerMessage]; take the next free one of the class's block.");
    }

    [Fact]
    public void EventIds_OfOneClass_LieInOneBlock()
    {
        var findings = from log in Events
                       where log.Id > 0
                       group log.Id / BlockSize by log.Type into blocks
                       where blocks.Distinct().Count() > 1
                       select $"{blocks.Key.FullName}: {string.Join(", ", blocks.Distinct().Order().Select(block => block * BlockSize))}";

        Findings.ShouldBeNone(findings, "The event ids of a class lie in one block of a hundred.");
    }

    [Fact]
    public void EventIdBlocks_BelongToOneAssembly()
    {
        var findings = from log in Events
                       where log.Id > 0
                       group log.Type.Assembly.GetName().Name by log.Id / BlockSize into owners
                       where owners.Distinct().Count() > 1
                       select $"{owners.Key * BlockSize}: {string.Join(", ", owners.Distinct())}";

        Findings.ShouldBeNone(findings, "A block of a hundred event ids belongs to one assembly.");
    }

    private static IEnumerable<LogEvent> EventsOf(Assembly assembly) =>
        from type in assembly.GetTypes()
        from method in type.GetMethods(AllMethods)
        let message = method.GetCustomAttribute<LoggerMessageAttribute>()
        where message is not null
        select new LogEvent(message.EventId, type, $"{type.FullName}.{method.Name}");

    private sealed record LogEvent(int Id, Type Type, string Place);
}
