using Krewe.Client.Tests.Fakes;
using Krewe.Definitions;
using Xunit;

namespace Krewe.Client.Tests.Definitions;

public sealed class JobCatalogueTests
{
    private readonly JobCatalogue _catalogue = new();

    [Fact]
    public void Get_WhenTheTypeIsAJob_ReadsItOnceAndKnowsItsNames()
    {
        var definition = _catalogue.Get(typeof(Pay));

        Assert.Same(definition, _catalogue.Get(typeof(Pay)));
        Assert.Equal(("test.pay", typeof(Receipt), "critical", 5), (definition.Name, definition.ResultType, definition.Attribute.Queue, definition.Attribute.MaxRetries));
        Assert.True(_catalogue.TryGet("old.pay", out var byAlias));
        Assert.Same(definition, byAlias);
        Assert.False(_catalogue.TryGet("test.other", out _));
        Assert.Null(_catalogue.Get(typeof(Plain)).Attribute.Queue);
    }

    [Theory]
    [InlineData(typeof(Unnamed), "Krewe.Client.Tests.Fakes.Unnamed cannot be a job: it must carry [Job(\"name\")] itself, got none (it is not inherited); write [Job(\"area.unnamed\")] above it.")]
    [InlineData(typeof(TwoResults), "Krewe.Client.Tests.Fakes.TwoResults cannot be a job: it must implement one IJob<TResult>, got IJob<Int32> and IJob<String>; split it into two jobs.")]
    [InlineData(typeof(StructJob), "Krewe.Client.Tests.Fakes.StructJob cannot be a job: it must be a class or a record, got a struct; write 'sealed record' in place of 'struct'.")]
    [InlineData(typeof(Abstract), "Krewe.Client.Tests.Fakes.Abstract cannot be a job: it must be a type that can be made, got an abstract one; handlers are matched by the job's exact type.")]
    [InlineData(typeof(Generic<>), "Krewe.Client.Tests.Fakes.Generic`1 cannot be a job: it must be a closed type, got an open generic one; name its type arguments.")]
    [InlineData(typeof(Receipt), "Krewe.Client.Tests.Fakes.Receipt cannot be a job: it must implement IJob or IJob<TResult>; add one of them.")]
    [InlineData(typeof(BadOptions), "[Job] on Krewe.Client.Tests.Fakes.BadOptions: Name must be 1..100 characters of [A-Za-z0-9._-], got 'test.bad name'; use letters, digits, dots, dashes and underscores. [Job] on Krewe.Client.Tests.Fakes.BadOptions: MaxRetries must be 0..1000, got -1; use 0 to never retry.")]
    public void Get_WhenTheTypeCannotBeAJob_SaysWhyAndWhatToWrite(Type type, string expected) =>
        Assert.Equal(expected, Assert.Throws<InvalidJobException>(() => _catalogue.Get(type)).Message);

    [Fact]
    public void Register_WhenTheTypeWasReadBefore_ReplacesIt()
    {
        var read = _catalogue.Get(typeof(Plain));
        var registered = read with { Code = new() { MaxRetries = 7 } };

        _catalogue.Register(registered);

        Assert.Same(registered, _catalogue.Get(typeof(Plain)));
        Assert.True(_catalogue.TryGet("test.plain", out var byName));
        Assert.Same(registered, byName);
    }

    [Fact]
    public void Register_WhenTwoTypesHaveOneName_IsRefusedNamingBoth()
    {
        _catalogue.Register(DefinitionReader.Read(typeof(Plain), null));

        var exception = Assert.Throws<InvalidJobException>(() => _catalogue.Register(DefinitionReader.Read(typeof(SameName), null)));

        Assert.Equal("The job name 'test.plain' must belong to one type, got Krewe.Client.Tests.Fakes.Plain and Krewe.Client.Tests.Fakes.SameName; give one of them another name in [Job] or its Aliases.", exception.Message);
    }
}
