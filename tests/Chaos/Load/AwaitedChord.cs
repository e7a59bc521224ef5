using System.Collections.Concurrent;
using Krewe.Chaos.Check;

namespace Krewe.Chaos.Load;

/// <summary>A chord that was acknowledged, and that is followed to its end as a caller would.</summary>
/// <param name="handle">The flow.</param>
/// <param name="expected">The results of its members.</param>
/// <param name="insist">Repeats a question until somebody answers.</param>
internal sealed class AwaitedChord(FlowHandle<int[]> handle, IReadOnlyList<int> expected, Func<Func<Task>, Task> insist)
{
    private readonly ConcurrentQueue<string> _ends = new();
    private volatile IReadOnlyList<ChordJob> _jobs = [];

    /// <summary>What became of it; null while it goes on.</summary>
    internal FlowAcknowledgement? Ended { get; private set; }

    /// <summary>Its body, once its jobs are known.</summary>
    internal string? BodyId => _jobs.FirstOrDefault(job => job.Part == ChordPart.Body)?.JobId;

    /// <summary>Follows it until its last job has ended.</summary>
    /// <param name="isFollowed">Whether the ends of its jobs are listened to all the time; else they are asked for at the end.</param>
    /// <param name="ended">Called when it is final.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task FollowAsync(bool isFollowed, Action<JobState> ended, CancellationToken cancellationToken)
    {
        await insist(async () => _jobs = await ReadJobsAsync(cancellationToken));
        var ends = isFollowed ? ReadEndsAsync(cancellationToken) : null;
        var state = await handle.WaitAsync(cancellationToken: cancellationToken);
        ended(state);
        int[]? result = null;
        if (state == JobState.Succeeded)
        {
            await insist(async () => result = await handle.GetResultAsync(cancellationToken: cancellationToken));
        }

        await (ends ?? ReadEndsAsync(cancellationToken));
        Ended = Known() with { State = state, Result = result };
    }

    /// <summary>What became of it, or how it stands.</summary>
    internal async Task<FlowAcknowledgement> SettleAsync(CancellationToken cancellationToken)
    {
        if (Ended is null)
        {
            JobState? state = null;
            await insist(async () => state = (await handle.GetInfoAsync(cancellationToken))?.State);
            await insist(async () => _jobs = await ReadJobsAsync(cancellationToken));
            return Known() with { State = state };
        }

        return Ended;
    }

    private FlowAcknowledgement Known() => new(handle.Id, expected) { Jobs = _jobs, Ends = [.. _ends] };

    private async Task<IReadOnlyList<ChordJob>> ReadJobsAsync(CancellationToken cancellationToken)
    {
        var jobs = new List<ChordJob>();
        await foreach (var node in handle.GetNodesAsync(cancellationToken))
        {
            if (node.JobId is not null)
            {
                jobs.Add(new(node.JobId, PartOf(node)) { State = node.State });
            }
        }

        return jobs;
    }

    private async Task ReadEndsAsync(CancellationToken cancellationToken)
    {
        await foreach (var job in handle.EndedMembersAsync(cancellationToken))
        {
            _ends.Enqueue(job.Id);
        }
    }

    private static ChordPart PartOf(FlowNode node) => (node.Role, node.JobName) switch
    {
        ("onSuccess", _) => ChordPart.Success,
        ("onError", _) => ChordPart.Error,
        (_, "chaos.body") => ChordPart.Body,
        _ => ChordPart.Member,
    };
}
