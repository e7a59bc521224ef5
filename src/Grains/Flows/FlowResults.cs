using System.Text;
using System.Text.Json;
using Krewe.Jobs;

namespace Krewe.Flows;

/// <summary>Reads results of nodes from their members' records, as JSON text, in pages.</summary>
/// <remarks>A job's result is its own; a chain's and a chord's is the last step's; a group's the array of its members', in order. Nothing is copied: what is bound by memory is a page.</remarks>
internal sealed class FlowResults(FlowServices services)
{
    private const int MaxPageBytes = 1024 * 1024;
    private const int MaxPageJobs = 20_000;
    private const int FindAtATime = 500;
    private static readonly byte[] NoResult = "null"u8.ToArray();

    /// <summary>A page of a node's result.</summary>
    /// <param name="flow">Its flow.</param>
    /// <param name="node">A node that has succeeded.</param>
    /// <param name="from">How many jobs' results the pages before it had.</param>
    /// <exception cref="ResultGoneException">A member's record is not there any more.</exception>
    internal async Task<FlowResultPage> ReadAsync(OpenFlow flow, int node, int from)
    {
        var jobs = new List<(int Job, string Before)>();
        var tail = Walk(flow.Plan, node, jobs);
        using var page = new MemoryStream();
        var next = from;
        while (next < jobs.Count && page.Length < MaxPageBytes && next - from < MaxPageJobs)
        {
            var chunk = jobs.GetRange(next, Math.Min(FindAtATime, jobs.Count - next));
            var results = await FindAsync(flow, chunk.ConvertAll(static part => part.Job));
            for (var i = 0; i < chunk.Count && (i == 0 || page.Length < MaxPageBytes); i++, next++)
            {
                Write(page, chunk[i].Before);
                page.Write(results[i]);
            }
        }

        if (next >= jobs.Count)
        {
            Write(page, tail);
        }

        return new FlowResultPage(page.ToArray(), next < jobs.Count ? next : -1);
    }

    /// <summary>What made a job end otherwise than well.</summary>
    /// <param name="flow">Its flow.</param>
    /// <param name="job">A job that did not succeed; -1: nobody knows which.</param>
    internal async Task<FlowError> ErrorOfAsync(OpenFlow flow, int job)
    {
        if (job < 0)
        {
            return new FlowError("", "", "Krewe.JobCancelledException", flow.CancelReason ?? "The flow was cancelled.", 0);
        }

        var (jobId, name) = (flow.JobIdOf(job), flow.Plan.Nodes.TextOf(flow.Plan.At(job).Name));
        var record = (await services.Jobs.FindAsync(flow.PartitionOf(job), [flow.LastPartOf(job)]))[0]?.Record;
        return (flow.Plan.At(job).State, record) switch
        {
            (JobState.Failed, { Errors: [.., var last] }) => new FlowError(jobId, name, last.Type, last.Message, last.Attempt),
            (JobState.Failed, _) => new FlowError(jobId, name, "Krewe.JobFailedException", record?.Reason ?? flow.ReasonOf(job) ?? "Its record is not there any more.", record?.FailedAttempts ?? 0),
            (JobState.Expired, _) => new FlowError(jobId, name, "Krewe.JobExpiredException", record?.Reason ?? "It expired before a worker could start it.", 0),
            _ => new FlowError(jobId, name, "Krewe.JobCancelledException", flow.CancelReason ?? record?.Reason ?? "It was cancelled.", record?.FailedAttempts ?? 0),
        };
    }

    /// <summary>An error as the input of a job.</summary>
    internal static FlowResultPage PageOf(FlowError error) => new(JsonSerializer.SerializeToUtf8Bytes(error, KreweJson.Results), -1);

    /// <summary>The jobs whose results make a node's, each with the text before it; gives the text behind the last.</summary>
    private static string Walk(FlowPlan plan, int root, List<(int Job, string Before)> jobs)
    {
        var text = new StringBuilder();
        Walk(root);
        return text.ToString();

        void Walk(int node)
        {
            switch (plan.At(node).Kind)
            {
                case FlowNodeKind.Job:
                    jobs.Add((node, text.ToString()));
                    text.Clear();
                    break;
                case FlowNodeKind.Group:
                    text.Append('[');
                    for (var member = plan.At(node).FirstMember; member >= 0; member = plan.At(member).Next)
                    {
                        text.Append(member == plan.At(node).FirstMember ? "" : ",");
                        Walk(member);
                    }

                    text.Append(']');
                    break;
                default:
                    if (plan.At(node).LastMember >= 0)
                    {
                        Walk(plan.At(node).LastMember);
                    }

                    break;
            }
        }
    }

    private async Task<byte[][]> FindAsync(OpenFlow flow, List<int> jobs)
    {
        var results = new Dictionary<int, byte[]>(jobs.Count);
        foreach (var partition in jobs.GroupBy(flow.PartitionOf))
        {
            int[] members = [.. partition];
            var found = await services.Jobs.FindAsync(partition.Key, Array.ConvertAll(members, flow.LastPartOf));
            for (var i = 0; i < members.Length; i++)
            {
                results[members[i]] = found[i] is { Record: { State: JobState.Succeeded } record } && !(record is { IsTombstone: true, IsResultIgnored: false })
                    ? record.Result ?? NoResult
                    : throw new ResultGoneException(flow.JobIdOf(members[i]), isKnown: true);
            }
        }

        return [.. jobs.Select(job => results[job])];
    }

    private static void Write(MemoryStream page, string text) => page.Write(Encoding.UTF8.GetBytes(text));
}
