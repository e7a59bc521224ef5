using Krewe.Conventions.Tests.Forms;
using Krewe.Conventions.Tests.Repository;
using Krewe.Dispatch;
using Krewe.Execution;
using Krewe.Jobs;
using Xunit;

namespace Krewe.Conventions.Tests.Wire;

/// <summary>Silos and clients of two versions side by side: each passes over the members that only the other one knows.</summary>
public sealed class VersionTests
{
    /// <summary>Ends an object, in Orleans' form.</summary>
    private const byte EndOfObject = 0xE0;

    private const string Behind = "another message";

    [Fact]
    public void Message_WhenANewerVersionHasAddedMembers_SaysTheSameToThisOne()
    {
        var added = Forms.Forms.Serializer.SerializeToArray(new Addition())[2..^1]; // Its members, between the object's head, which ends with that of its base, and its end.

        var findings = from form in Forms.Forms.Sent()
                       where form.Bytes[^1] == EndOfObject
                       let text = Read(form, added)
                       where text != form.Text
                       select $"{form.Name}\n  said {form.Text}\n  says {text}";

        Findings.ShouldBeNone(findings, "What a newer version adds to a message changes nothing for this one.");
    }

    [Fact]
    public void Message_WhenANewerVersionNamesATextFirstInAnAddedMember_IsReadWithThatText()
    {
        var shared = new string('x', 20);
        NewerJobEnding[] newer = [new("first", null, shared), new("second", shared, null)]; // The second time it is but a reference to the first.

        var read = Forms.Forms.Serializer.Deserialize<JobEnding[]>(Forms.Forms.Serializer.SerializeToArray(newer))!;

        Assert.Equal([("first", null), ("second", shared)], read.Select(ending => (ending.JobId, ending.Reason)));
    }

    [Fact]
    public void Message_WhenAnOlderVersionKnowsFewerMembers_SaysThoseToIt()
    {
        AssertReadBy<NewJob, OlderNewJob>();
        AssertReadBy<AddAnswer, OlderAddAnswer>();
        AssertReadBy<JobEnding, OlderJobEnding>();
        AssertReadBy<JobInfo, OlderJobInfo>();
        AssertReadBy<ClaimRequest, OlderClaimRequest>();
        AssertReadBy<ClaimAnswer, OlderClaimAnswer>();
        AssertReadBy<AttemptOutcome, OlderOutcome>();
    }

    /// <summary>What a message says that has these members too, with another one behind it: that is read only where this one is read to its end.</summary>
    private static string Read(Form form, byte[] added)
    {
        var behind = Bytes("", Behind).Length - Bytes("").Length;
        var both = Bytes(Forms.Forms.Serializer.Deserialize<object>(form.Bytes)!, Behind);
        var end = both.Length - behind - 2; // The last byte ends the array.
        Assert.Equal(EndOfObject, both[end]);

        var read = Forms.Forms.Serializer.Deserialize<object[]>([.. both[..end], .. added, .. both[end..]])!;

        Assert.Equal(Behind, read[1]);
        return FormText.Of(read[0]);
    }

    private static byte[] Bytes(params object[] messages) => Forms.Forms.Serializer.SerializeToArray(messages);

    /// <summary>Two of them in one message, so that the second is read only where the first one was passed over to its end.</summary>
    private static void AssertReadBy<TToday, TOlder>()
    {
        TToday[] today = [(TToday)FormMaker.Make(typeof(TToday)), (TToday)FormMaker.Make(typeof(TToday))];

        var read = Forms.Forms.Serializer.Deserialize<TOlder[]>(Forms.Forms.Serializer.SerializeToArray(today))!;

        Assert.Equal(2, read.Length);
        Assert.All(read, older => Assert.StartsWith(FormText.Of(older)[..^1] + ",", FormText.Of(today[0]), StringComparison.Ordinal));
    }
}
