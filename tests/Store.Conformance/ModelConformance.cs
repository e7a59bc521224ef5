using CsCheck;
using Krewe.Queues;
using Krewe.Storage;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>Random lives of a few jobs: whatever is tried, the store and the model agree on every answer and on all that can be seen after.</summary>
public abstract class ModelConformance : StoreTest
{
    private const int Sequences = 100;
    private const int Operations = 100;
    private static readonly string[] ShapeNames = [.. Shapes.All.Keys];
    private static readonly string[] Ids = [.. Enumerable.Range(0, 8).Select(number => $"job-{number}")];

    private static readonly Gen<Operation[]> Lives =
        Gen.Select(Gen.Int[0, ShapeNames.Length - 1], Gen.Int[0, Ids.Length - 1], Gen.Int[0, 9], Gen.Int[0, 19], (shape, job, lane, dice) => new Operation(ShapeNames[shape], Ids[job], lane, dice))
            .Array[Operations];

    private int _partitions;

    [Fact]
    public Task Commit_WhenStepsAreRandom_AgreesWithTheModel() =>
        Lives.SampleAsync(PlayAsync, seed: Environment.GetEnvironmentVariable("KREWE_TEST_SEED") ?? "0000KreweSt0", iter: Sequences, threads: 1, print: operations => string.Join('\n', operations.AsEnumerable()));

    private async Task PlayAsync(Operation[] operations)
    {
        var key = new PartitionKey("random", Interlocked.Increment(ref _partitions));
        var (model, lease, token) = (new StoreModel(), await Store.OpenPartitionAsync(key), 0);
        List<JobStep> steps = [];
        List<StepAnswer> expected = [];
        for (var number = 0; number < operations.Length; number++)
        {
            var operation = operations[number];
            var held = model.Jobs.GetValueOrDefault(operation.Id)?.Claim?.Token;
            var told = held is not null && operation.Dice != 0 ? held : $"t{++token}";
            var step = MakeStep(operation, number + 1, told);
            steps.Add(step);
            expected.Add(model.Take(step));
            if (operation.Dice > 12 || number == operations.Length - 1)
            {
                Assert.Equal(expected, await Store.CommitAsync(lease, steps));
                await AssertSameAsync(model, key);
                steps.Clear();
                expected.Clear();
            }
        }

        model.Trim(2);
        while (await Store.PurgeAsync(lease, 2))
        {
        }

        await AssertSameAsync(model, key);
    }

    private static JobStep MakeStep(Operation operation, int number, string token)
    {
        var record = Steps.Record(operation.Id, number, operation.Lane) with { Reason = $"step {number}" };
        var step = Shapes.All[operation.Shape](record, token, Steps.Noon.AddMinutes(number * 181));
        return operation.Dice % 3 != 0 ? step : step.Verb switch
        {
            JobVerb.Add or JobVerb.AddClaimed or JobVerb.Redrive => step with { Unique = new(Steps.Name, "key", UniqueAction.Take, null) },
            JobVerb.Succeed or JobVerb.Fail or JobVerb.Cancel or JobVerb.Expire => step with { Unique = new(Steps.Name, "key", UniqueAction.Release, null) },
            _ => step,
        };
    }

    private async Task AssertSameAsync(StoreModel model, PartitionKey key)
    {
        Assert.Equal(Observation.Of(model, Ids), await Observation.OfAsync(Store, key, Ids));
        var found = await Store.FindAsync(key, Ids);
        var pages = await Task.WhenAll(Observation.Listable.Select(place => Store.ListAsync(key, place, null, 100)));
        var lying = pages.SelectMany(page => page.Jobs).Select(job => job.Id).ToList();
        Assert.Equal(lying.Count, lying.Distinct().Count());
        Assert.Equal(lying.Order(StringComparer.Ordinal), found.OfType<StoredJob>().Where(job => job.Place != JobPlace.Done || model.Jobs[job.Id].IsListed).Select(job => job.Id).Order(StringComparer.Ordinal));
    }

    /// <summary>One try.</summary>
    /// <param name="Shape">Of <see cref="Shapes.All"/>.</param>
    /// <param name="Id">The job.</param>
    /// <param name="Lane">Its priority in this step's record.</param>
    /// <param name="Dice">0..19: chooses wrong tokens, unique keys and where a commit ends.</param>
    private sealed record Operation(string Shape, string Id, int Lane, int Dice);
}
