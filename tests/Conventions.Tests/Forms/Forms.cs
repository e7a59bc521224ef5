using Krewe.Conventions.Tests.Repository;
using Krewe.Conventions.Tests.Wire;
using Krewe.Jobs;
using Krewe.Storage;
using Krewe.Storage.Redis;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;

namespace Krewe.Conventions.Tests.Forms;

/// <summary>One of everything that is stored or sent: how this version writes it, and how it reads it.</summary>
internal static class Forms
{
    private static readonly ServiceProvider Services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    internal static Serializer Serializer => Services.GetRequiredService<Serializer>();

    /// <summary>What two silos, or a silo and a client, tell each other: each serialized type, and each request with its arguments.</summary>
    internal static IEnumerable<Form> Sent() =>
        [.. WireWriter.SerializedTypes.Where(IsSent).Select(type => Sent($"type {WireWriter.AliasOf(type)}", FormMaker.Make(type))), .. Requests()];

    /// <summary>What lies in a store: a record of each state, a tombstone, a claim, and the values in which Redis holds them.</summary>
    internal static IEnumerable<Form> Stored()
    {
        var record = (JobRecord)FormMaker.Make(typeof(JobRecord));
        foreach (var state in Enum.GetValues<JobState>())
        {
            yield return Stored($"record {(int)state}", record with { State = state, Priority = 4, IsTombstone = false });
        }

        var least = new JobRecord { Id = "a", Name = "b" };
        yield return Stored("record least", least);
        yield return Stored("record tombstone", least with { State = JobState.Succeeded, Fingerprint = 7, IsTombstone = true });
        var claim = (JobClaim)FormMaker.Make(typeof(JobClaim));
        yield return new Form("claim", JobRecordCodec.Encode(claim), FormText.Of(claim));
        yield return new Form("redis record", InRedis(record with { Priority = 4 }, JobPlace.Due), FormText.Of(record with { Priority = 4 }));
        yield return new Form("redis running", [.. InRedis(least, JobPlace.Ready)[..RecordHeader.Length], .. StoredRecord.Fence(claim.Token, claim)], FormText.Of(claim));
    }

    /// <summary>What bytes say to this version.</summary>
    internal static string Read(string name, byte[] bytes) => name.Split(' ') switch
    {
        ["type" or "request", ..] => FormText.Of(Serializer.Deserialize<object>(bytes)),
        ["record", ..] => JobRecordCodec.TryDecode(bytes, out var record, out var reason) ? FormText.Of(record) : reason,
        ["claim"] => FormText.Of(JobRecordCodec.DecodeClaim(bytes)),
        ["redis", "record"] => FormText.Of(new StoredRecord("a", bytes, null).ToJob(JobPlace.Nowhere) is { Place: JobPlace.Due, Lane: 4 } job ? job.Record : null),
        ["redis", "running"] => FormText.Of(new StoredRecord("a", null, bytes).ToJob(JobPlace.Nowhere).Claim),
        _ => "a form of this name is not known",
    };

    private static bool IsSent(Type type) => !type.IsAbstract && !typeof(Orleans.Runtime.PlacementStrategy).IsAssignableFrom(type);

    private static IEnumerable<Form> Requests() =>
        from type in SourceAssemblies.All.SelectMany(assembly => assembly.GetTypes())
        where type is { IsAbstract: false, IsClass: true } && typeof(IInvokable).IsAssignableFrom(type)
        let request = Request(type)
        select Sent($"request {WireWriter.AliasOf(request.GetMethod().DeclaringType!)}/{WireWriter.AliasOf(request.GetMethod())}", request);

    private static IInvokable Request(Type type)
    {
        var request = (IInvokable)Activator.CreateInstance(type)!;
        var parameters = request.GetMethod().GetParameters();
        for (var i = 0; i < parameters.Length; i++)
        {
            // References to observers belong to a running client; that they are none is told as well.
            var isReference = typeof(Orleans.Runtime.IAddressable).IsAssignableFrom(parameters[i].ParameterType);
            request.SetArgument(i, isReference ? null! : FormMaker.Make(parameters[i].ParameterType, parameters[i].Name!));
        }

        return request;
    }

    private static Form Sent(string name, object value) => new(name, Serializer.SerializeToArray(value), FormText.Of(value));

    private static Form Stored(string name, JobRecord record) => new(name, JobRecordCodec.Encode(record), FormText.Of(record));

    private static byte[] InRedis(JobRecord record, JobPlace place)
    {
        var bytes = JobRecordCodec.Encode(record, RecordHeader.Length);
        new RecordHeader(place, record.Priority, RecordHeader.Plain, record.Fingerprint, record.Position).WriteTo(bytes);
        return bytes;
    }
}

/// <summary>One thing in its stored or sent form.</summary>
/// <param name="Name">Which.</param> <param name="Bytes">As it is written.</param> <param name="Text">What it says.</param>
internal sealed record Form(string Name, byte[] Bytes, string Text);
