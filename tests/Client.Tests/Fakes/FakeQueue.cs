using System.Threading.Channels;
using Krewe.Jobs;
using Krewe.Queues;

namespace Krewe.Client.Tests.Fakes;

/// <summary>Stands for a partition's owner. Calls can be watched in order; answers are replaceable.</summary>
internal sealed class FakeQueue(string key) : IQueueGrain
{
    private readonly Channel<NewJob[]> _adds = Channel.CreateUnbounded<NewJob[]>();
    private readonly Channel<string[]> _awaits = Channel.CreateUnbounded<string[]>();
    private readonly Channel<string[]> _unawaits = Channel.CreateUnbounded<string[]>();

    public ChannelReader<NewJob[]> Adds => _adds.Reader;

    public ChannelReader<string[]> Awaits => _awaits.Reader;

    public ChannelReader<string[]> Unawaits => _unawaits.Reader;

    public IJobObserver? Observer { get; private set; }

    public Func<NewJob[], Task<AddAnswer[]>> OnAdd { get; set; } = jobs => Task.FromResult(Array.ConvertAll(jobs, _ => new AddAnswer(AddResult.Added, null)));

    public Func<string, JobEnding?> Ending { get; set; } = _ => null;

    public Func<string[], Task<JobEnding?[]>>? OnAwait { get; set; }

    public Func<string, JobEnding?>? FullEnding { get; set; }

    public QueueInfo Info { get; set; } = new() { Name = "" };

    public Func<JobQuery, JobPage> OnList { get; set; } = _ => new JobPage([], null);

    public Func<string, Task<bool>> OnCancel { get; set; } = _ => Task.FromResult(true);

    public Task<AddAnswer[]> AddAsync(NewJob[] jobs)
    {
        _adds.Writer.TryWrite(jobs);
        return OnAdd(jobs);
    }

    public Func<string, JobInfo?> OnInfo { get; set; } = _ => null;

    public Task<JobInfo?> GetInfoAsync(string id) => Task.FromResult(OnInfo(id));

    public Task<JobEnding?> GetEndingAsync(string id) => Task.FromResult((FullEnding ?? Ending)(id));

    public Task<JobEnding?[]> AwaitAsync(string[] ids, IJobObserver observer)
    {
        Observer = observer;
        _awaits.Writer.TryWrite(ids);
        return OnAwait?.Invoke(ids) ?? Task.FromResult(Array.ConvertAll(ids, id => Ending(id)));
    }

    public Task UnawaitAsync(string[] ids, IJobObserver observer)
    {
        _unawaits.Writer.TryWrite(ids);
        return Task.CompletedTask;
    }

    public Task<bool> CancelAsync(string id, string? reason) => OnCancel(id);

    public Task<bool> RedriveAsync(string id) => Task.FromResult(true);

    public Task<bool> ForgetAsync(string id) => Task.FromResult(true);

    public Task<QueueInfo> GetQueueInfoAsync() => Task.FromResult(Info);

    public Task<JobPage> ListAsync(JobQuery query) => Task.FromResult(OnList(query));

    public JobEnding Ended(string id, JobState state = JobState.Succeeded, string? result = null) => new()
    {
        JobId = $"{key}~{id}", State = state, Result = result is null ? null : System.Text.Encoding.UTF8.GetBytes(result),
    };
}
