using Krewe.Storage;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>Every step from every place: the allowed ones change exactly what they should, the others nothing.</summary>
public abstract class MatrixConformance : StoreTest
{
    private static readonly DateTimeOffset At = Steps.Noon;

    public static TheoryData<string> ShapeNames => [.. Shapes.All.Keys];

    [Theory]
    [MemberData(nameof(ShapeNames))]
    public async Task Commit_WhenStepIsTriedFromEveryPlace_DoesWhatTheModelSays(string shape)
    {
        var (model, ids, position) = (new StoreModel(), new List<string> { "bystander" }, 1L);
        await StepAsync(model, Steps.Add(Steps.Record("bystander", position, 3)), StepResult.Taken);
        foreach (var (place, make) in Shapes.Places)
        {
            foreach (var token in new[] { "held", "other" })
            {
                var at = At.AddMinutes(position * 181);
                var record = Steps.Record($"job-{ids.Count}", ++position, (int)(position % 10));
                ids.Add(record.Id);
                foreach (var step in make(record, at))
                {
                    await StepAsync(model, step, StepResult.Taken);
                }

                var tried = Shapes.All[shape](record with { Position = ++position, Reason = "tried" }, token, at.AddMinutes(7));
                var expected = model.Take(tried);
                Assert.True(expected == await TakeAsync(tried), $"{shape} from {place} with token '{token}': expected {expected}.");
                AssertSame(Observation.Of(model, ids), await Observation.OfAsync(Store, Key, ids), $"{shape} from {place} with token '{token}'");
            }
        }

        await ReopenAsync();
        AssertSame(Observation.Of(model, ids), await Observation.OfAsync(Store, Key, ids), $"{shape}, opened again");
    }

    private async Task StepAsync(StoreModel model, JobStep step, StepResult expected)
    {
        Assert.Equal(expected, model.Take(step).Result);
        Assert.Equal(expected, (await TakeAsync(step)).Result);
    }

    private static void AssertSame(string expected, string actual, string when)
    {
        var (expectedLines, actualLines) = (expected.Split('\n'), actual.Split('\n'));
        for (var line = 0; line < expectedLines.Length; line++)
        {
            Assert.True(expectedLines[line] == actualLines[line], $"{when}\nexpected {expectedLines[line]}\nactual   {actualLines[line]}");
        }
    }
}
