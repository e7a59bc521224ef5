using System.Globalization;
using CsCheck;
using Krewe.Storage;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>Random lives of a few flows: whatever is tried, the store and the model agree on every answer and on all that can be seen after.</summary>
public abstract class FlowModelConformance : FlowTest
{
    private const int Sequences = 30;
    private const int Operations = 100;
    private const int Ids = 6;
    private const int ForgetDice = 17;

    private static readonly Gen<Operation[]> Lives =
        Gen.Select(Gen.Int[0, Ids - 1], Gen.Int[-2, 12], Gen.Int[0, 4], Gen.Int[0, 19], Gen.Byte.Array[0, 40], (flow, off, count, dice, bytes) => new Operation(flow, off, count, dice, bytes))
            .Array[Operations];

    private int _lives;

    [Fact]
    public Task Append_WhenOperationsAreRandom_AgreesWithTheModel() =>
        Lives.SampleAsync(PlayAsync, seed: Environment.GetEnvironmentVariable("KREWE_TEST_SEED") ?? "0000KreweSt0", iter: Sequences, threads: 1, print: operations => string.Join('\n', operations.AsEnumerable()));

    private async Task PlayAsync(Operation[] operations)
    {
        var (model, life) = (new FlowModel(), string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref _lives):00000}-"));
        for (var number = 0; number < operations.Length; number++)
        {
            var operation = operations[number];
            var id = life + operation.Flow.ToString(CultureInfo.InvariantCulture);
            if (operation.Dice >= ForgetDice)
            {
                await Flows.ForgetOpenAsync(id);
            }
            else
            {
                await AppendAsync(model, id, operation);
            }

            if (operation.Dice % 4 == 0 || number == operations.Length - 1)
            {
                await AssertSameAsync(model, life);
            }
        }
    }

    /// <summary>Mostly by the right length: only the lowest and the highest of the offsets are wrong ones.</summary>
    private async Task AppendAsync(FlowModel model, string id, Operation operation)
    {
        var length = model.Flows.TryGetValue(id, out var flow) ? flow.Log.Count : 0;
        var expected = operation.Off switch { < 0 => Math.Max(0, length + operation.Off), 11 => length + 1, 12 => 0, _ => length };
        var head = new FlowHead(
            Steps.Noon.AddMinutes(_lives).AddSeconds(operation.Dice),
            operation.Dice % 2 == 0,
            operation.Dice is 5 or 9 ? TimeSpan.FromHours(operation.Dice) : null,
            operation.Bytes);
        byte[][] entries = [.. Enumerable.Range(0, operation.Count).Select(entry => (byte[])[(byte)entry, .. operation.Bytes])];

        Assert.Equal(model.Append(id, expected, head, entries), await Flows.AppendAsync(id, expected, head, entries));
    }

    private async Task AssertSameAsync(FlowModel model, string life)
    {
        for (var flow = 0; flow < Ids; flow++)
        {
            var id = life + flow.ToString(CultureInfo.InvariantCulture);
            Assert.Equal(model.Flows.TryGetValue(id, out var expected) ? Describe(expected.Head, expected.Log.Count, expected.Log) : "none", await DescribeAsync(id));
        }

        Assert.Equal(model.OpenIds, await Flows.ListOpenAsync(life, 1000));
        var page = await Flows.ListAsync(null, Math.Max(1, model.Flows.Count)); // This life's are the newest.
        Assert.Equal(
            model.Newest.Select(flow => flow.Id + " " + Describe(flow.Head, 0, [])),
            page.Flows.Select(flow => flow.Id + " " + Describe(flow.Head, 0, [])).Take(model.Flows.Count));
    }

    /// <summary>One try.</summary>
    /// <param name="Flow">Which flow.</param>
    /// <param name="Off">How far off the expected length is.</param>
    /// <param name="Count">How many entries.</param>
    /// <param name="Dice">0..19: chooses between append and forget, open and closed.</param>
    /// <param name="Bytes">Summary and entries.</param>
    private sealed record Operation(int Flow, int Off, int Count, int Dice, byte[] Bytes)
    {
        public override string ToString() => $"flow {Flow} off {Off} entries {Count} dice {Dice} bytes {Convert.ToHexString(Bytes)}";
    }
}
