using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Krewe.Dispatch;
using Krewe.Execution;
using Krewe.Queues;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Krewe.Grains.Tests.Dispatch;

public sealed class OutcomeOutboxTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly OwnerCalls _owner = new();
    private readonly List<string> _answered = [];
    private readonly TaskCompletionSource _allAnswered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _expected = 1;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Post_WhenTheOwnerAnswers_IsTakenOut()
    {
        Outbox().Post(Outcome("a"));

        (await _owner.NextAsync()).SetResult([OutcomeAnswer.Recorded]);
        await _allAnswered.Task.WaitAsync(Cancellation);
        Assert.Equal(["a"], _answered);
    }

    [Fact]
    public async Task Post_WhenTheOwnerFails_IsRepeatedUntilItIsAnswered()
    {
        Outbox().Post(Outcome("a"));

        foreach (var failure in new Exception[] { new StoreUnavailableException("Away."), new TimeoutException(), new InvalidOperationException("Odd.") })
        {
            (await _owner.NextAsync()).SetException(failure);
            await AdvanceUntilCalledAsync();
        }

        (await _owner.NextAsync()).SetResult([OutcomeAnswer.Fenced]);
        await _allAnswered.Task.WaitAsync(Cancellation);
        Assert.Equal(["a"], _answered);
        Assert.Equal(["a", "a", "a", "a"], _owner.Batches.Select(batch => Assert.Single(batch)));
    }

    [Fact]
    public async Task Post_WhileACallIsUnderWay_TravelsWithTheNext()
    {
        _expected = 4;
        var outbox = Outbox();
        outbox.Post(Outcome("a"));
        var first = await _owner.NextAsync();
        foreach (var id in new[] { "b", "c", "d" })
        {
            outbox.Post(Outcome(id));
        }

        first.SetResult([OutcomeAnswer.Recorded]);
        (await _owner.NextAsync()).SetResult([OutcomeAnswer.Recorded, OutcomeAnswer.Recorded, OutcomeAnswer.Recorded]);
        await _allAnswered.Task.WaitAsync(Cancellation);

        Assert.Equal([["a"], ["b", "c", "d"]], _owner.Batches);
        Assert.Equal(["a", "b", "c", "d"], _answered);
    }

    private OutcomeOutbox Outbox()
    {
        var owner = DispatchProxy.Create<IDispatchGrain, DispatchGrainProxy>();
        ((DispatchGrainProxy)(object)owner).Owner = _owner;
        return new OutcomeOutbox(new PartitionKey("default", 0), owner, _time, NullLogger.Instance, outcome =>
        {
            _answered.Add(outcome.Id);
            if (_answered.Count == _expected)
            {
                _allAnswered.SetResult();
            }
        });
    }

    /// <summary>The pause is set on another thread, so the clock is moved until the pause has passed.</summary>
    private async Task AdvanceUntilCalledAsync()
    {
        while (!_owner.HasNext)
        {
            Cancellation.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }
    }

    private static AttemptOutcome Outcome(string id) => new() { Id = id, Token = $"1-{id}", Kind = OutcomeKind.Succeeded };

    /// <summary>The owner's side: hands each call to the test, which answers it.</summary>
    private sealed class OwnerCalls
    {
        private readonly System.Threading.Channels.Channel<TaskCompletionSource<OutcomeAnswer[]>> _calls = System.Threading.Channels.Channel.CreateUnbounded<TaskCompletionSource<OutcomeAnswer[]>>();

        public List<List<string>> Batches { get; } = [];

        public bool HasNext => _calls.Reader.Count > 0;

        public Task<OutcomeAnswer[]> FinishAsync(AttemptOutcome[] outcomes)
        {
            Batches.Add([.. outcomes.Select(outcome => outcome.Id)]);
            var call = new TaskCompletionSource<OutcomeAnswer[]>(TaskCreationOptions.RunContinuationsAsynchronously);
            _calls.Writer.TryWrite(call);
            return call.Task;
        }

        public Task<TaskCompletionSource<OutcomeAnswer[]>> NextAsync() => _calls.Reader.ReadAsync(Cancellation).AsTask();
    }

    /// <summary>A grain of which only the telling of outcomes is called.</summary>
    [SuppressMessage("Performance", "CA1852", Justification = "The proxy is a type derived at run time.")]
    internal class DispatchGrainProxy : DispatchProxy
    {
        internal object? Owner { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => ((OwnerCalls)Owner!).FinishAsync((AttemptOutcome[])args![0]!);
    }
}
