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

    [Fact]
    public void Message_WhenANewerVersionHasAddedMembers_SaysTheSameToThisOne()
    {
        var added = Forms.Forms.Serializer.SerializeToArray(new Addition())[1..^1]; // Its members, between the object's head and its end.
        var messages = Forms.Forms.Sent().Where(form => form.Bytes[^1] == EndOfObject).ToList();

        var findings = from form in messages
                       let text = Forms.Forms.Read(form.Name, [.. form.Bytes[..^1], .. added, EndOfObject])
                       where text != form.Text
                       select $"{form.Name}\n  said {form.Text}\n  says {text}";

        Assert.NotEmpty(messages);
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

    /// <summary>Two of them in one message, so that the second is read only where the first one was passed over to its end.</summary>
    private static void AssertReadBy<TToday, TOlder>()
    {
        TToday[] today = [(TToday)FormMaker.Make(typeof(TToday)), (TToday)FormMaker.Make(typeof(TToday))];

        var read = Forms.Forms.Serializer.Deserialize<TOlder[]>(Forms.Forms.Serializer.SerializeToArray(today))!;

        Assert.Equal(2, read.Length);
        Assert.All(read, older => Assert.StartsWith(FormText.Of(older)[..^1] + ",", FormText.Of(today[0]), StringComparison.Ordinal));
    }
}
