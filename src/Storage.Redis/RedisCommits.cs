using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>Writes to partitions under their leases.</summary>
/// <remarks>A batch that is too large for one script goes as several calls; each raises the revision by one.</remarks>
internal sealed class RedisCommits(RedisCaller caller, RedisRecords records, TimeProvider timeProvider)
{
    private const int NotPlain = 1;
    private const int OtherEpoch = -1;
    private const int OtherRevision = -2;
    private const byte NotAfterTheLast = (byte)'P';

    private readonly RedisUniqueKeys _uniqueKeys = new(caller, timeProvider);

    internal async Task<StepAnswer[]> CommitAsync(PartitionKeys keys, PartitionLease lease, IReadOnlyList<JobStep> steps)
    {
        var answers = new List<StepAnswer>(steps.Count);
        while (answers.Count < steps.Count)
        {
            var next = answers.Count;
            var holders = await _uniqueKeys.ReadHoldersAsync(keys, steps.Skip(next).Take(CommitCall.MaxSteps));
            var call = new CommitCall(keys, lease, timeProvider.GetUtcNow(), holders, Math.Min(CommitCall.MaxSteps, steps.Count - next));
            while (next < steps.Count && call.TryAdd(steps[next]))
            {
                next++;
            }

            answers.AddRange(await TakeAsync(keys, lease, call));
        }

        return [.. answers];
    }

    private async Task<IReadOnlyList<StepAnswer>> TakeAsync(PartitionKeys keys, PartitionLease lease, CommitCall call)
    {
        if (!call.HasNewWork)
        {
            return await SendAsync(lease, call, caller.Scripts.Commit);
        }

        try
        {
            return (call.IsPlainNewWork ? await AddAsync(lease, call) : null) ?? await SendAsync(lease, call, caller.Scripts.CommitNewWork);
        }
        catch (RedisServerException exception) when (RedisErrors.IsFull(exception))
        {
            return await TakeWithoutNewWorkAsync(keys, lease, call);
        }
    }

    /// <summary>The store is full and has written nothing: everything but the new work goes through, and new work that is there already is told so.</summary>
    private async Task<IReadOnlyList<StepAnswer>> TakeWithoutNewWorkAsync(PartitionKeys keys, PartitionLease lease, CommitCall refused)
    {
        var others = refused.Steps.Where(step => !step.IsNewWork).ToList();
        var call = new CommitCall(keys, lease, timeProvider.GetUtcNow(), await _uniqueKeys.ReadHoldersAsync(keys, others), refused.Steps.Count);
        foreach (var step in others)
        {
            call.TryAdd(step);
        }

        var taken = call.Steps.Count == 0 ? [] : await SendAsync(lease, call, caller.Scripts.Commit);
        var there = await records.ReadAsync(keys, [.. refused.Steps.Where(step => step.IsNewWork).Select(step => step.Id)]);
        var (nextTaken, nextThere) = (0, 0);
        return [.. refused.Steps.Select(step => step.IsNewWork ? Refusal(there[nextThere++]) : taken[nextTaken++])];
    }

    private static StepAnswer Refusal(StoredRecord there) => there.IsGone
        ? new(StepResult.Full)
        : new(StepResult.Exists, there.IsRunning ? JobPlace.Running : there.Header?.Place ?? JobPlace.Nowhere, Fingerprint: there.Header?.Fingerprint ?? 0);

    private async Task<IReadOnlyList<StepAnswer>> SendAsync(PartitionLease lease, CommitCall call, RedisScript script)
    {
        var result = await caller.RunAsync(script, call.Keys(), call.Arguments());
        Heed(lease, call, (int)result[0], result);
        return Answers(result, call.Steps);
    }

    /// <summary>Null: not as plain as it looked, and nothing was written.</summary>
    private async Task<IReadOnlyList<StepAnswer>?> AddAsync(PartitionLease lease, CommitCall call)
    {
        var result = await caller.RunAsync(caller.Scripts.Add, call.KeysOfAdd(), call.ArgumentsOfAdd());
        var code = (int)result[0];
        if (code == NotPlain)
        {
            return null;
        }

        Heed(lease, call, code, result);
        return [.. Enumerable.Repeat(new StepAnswer(StepResult.Taken), call.Steps.Count)];
    }

    /// <summary>What any answer says of the lease.</summary>
    private static void Heed(PartitionLease lease, CommitCall call, int code, RedisResult result)
    {
        if (code < 0)
        {
            Refuse(lease, code, (long)result[1], (long)result[2]);
        }

        lease.Revision++;
        lease.LastPosition = Math.Max(lease.LastPosition, call.LastPosition);
    }

    private static void Refuse(PartitionLease lease, int code, long epoch, long revision)
    {
        // An epoch can only fall when the store went back in time.
        throw code == OtherEpoch && epoch > lease.Epoch
            ? new StaleEpochException(lease.Key, lease.Epoch)
            : new StoreRolledBackException(lease.Key, lease.Revision, revision);
    }

    private static StepAnswer[] Answers(RedisResult result, IReadOnlyList<JobStep> steps)
    {
        ReadOnlySpan<byte> codes = (byte[])result[1]!;
        var answers = new StepAnswer[steps.Count];
        var detail = 2;
        for (var i = 0; i < answers.Length; i++)
        {
            if (codes[i * 2] == NotAfterTheLast)
            {
                throw new InvalidOperationException($"The position of job {steps[i].Id} must be after the last one of its lane, got {steps[i].Record!.Position}; count on from the lease.");
            }

            var taken = (StepResult)(codes[i * 2] - 'A');
            var place = (JobPlace)(codes[(i * 2) + 1] - '@');
            answers[i] = taken switch
            {
                StepResult.Exists => new(taken, place, Fingerprint: Convert.ToUInt64(result[detail++].ToString(), 16)),
                StepResult.UniqueHeld => new(taken, place, HolderId: result[detail++].ToString()),
                _ => new(taken, place),
            };
        }

        return answers;
    }

    internal async Task<PartitionLease> OpenAsync(PartitionKeys keys, RedisKey catalogue)
    {
        var opened = await caller.RunAsync(caller.Scripts.Open, [keys.Meta, keys.Dead, keys.Done, .. keys.Lanes], CommitCall.MaxSteps);
        var lease = new PartitionLease(keys.Key, (long)opened[0], (long)opened[1], (long)opened[2]);
        await caller.RunAsync(caller.Scripts.Catalogue, [catalogue], keys.Key.ToString(), lease.Epoch, "in");
        return lease;
    }

    internal async Task CheckAsync(PartitionKeys keys, PartitionLease lease)
    {
        var before = lease.Revision; // Commits may raise it while the answer is on its way.
        var known = await caller.CallAsync(database => database.HashGetAsync(keys.Meta, ["epoch", "revision"], CommandFlags.DemandMaster));
        var (epoch, revision) = ((long?)known[0] ?? 0, (long?)known[1] ?? 0);
        if (epoch != lease.Epoch || revision < before)
        {
            Refuse(lease, epoch == lease.Epoch ? OtherRevision : OtherEpoch, epoch, revision);
        }
    }

    internal async Task<bool> CloseAsync(PartitionKeys keys, RedisKey catalogue, PartitionLease lease)
    {
        var closed = (int)await caller.RunAsync(caller.Scripts.Close, [keys.Meta, keys.Running, keys.Due, keys.Parked, .. keys.Lanes], lease.Epoch);
        return closed switch
        {
            OtherEpoch => throw new StaleEpochException(lease.Key, lease.Epoch),
            0 => false,
            _ => (int)await caller.RunAsync(caller.Scripts.Catalogue, [catalogue], keys.Key.ToString(), lease.Epoch, "out") == 1,
        };
    }
}
