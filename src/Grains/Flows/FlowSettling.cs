namespace Krewe.Flows;

/// <summary>Ends a flow whose root has ended: makes the end durable, tells whom it concerns, and closes the flow when all of its jobs have ended.</summary>
/// <remarks>Each part may be done twice, and is, where a crash came between: the end is written once (<see cref="OpenFlow.Settled"/>), a job that was replaced ends once, and closing is the last.</remarks>
internal sealed class FlowSettling(FlowServices services, MemberCalls members, Action announce)
{
    private readonly FlowResults _results = new(services);

    /// <summary>Does what is left to do.</summary>
    internal async Task SettleAsync(OpenFlow flow)
    {
        flow.IsToSettle = true;
        if (flow.IsSettling)
        {
            return;
        }

        flow.IsSettling = true;
        try
        {
            while (flow.IsToSettle)
            {
                flow.IsToSettle = false;
                await SettleOnceAsync(flow);
            }
        }
        finally
        {
            flow.IsSettling = false;
        }
    }

    /// <remarks>A redrive may come at every await; what it makes untrue is looked at again.</remarks>
    private async Task SettleOnceAsync(OpenFlow flow)
    {
        if (flow is { Settled: null, Plan.IsFinal: true })
        {
            await WriteEndAsync(flow);
            announce();
        }

        if (flow is { Settled: not null, Opened.ReplacesId: { } replaced, IsReplacedTold: false })
        {
            await members.EndReplacedAsync(flow, replaced, await ReplacementAsync(flow));
            flow.IsReplacedTold = true;
        }

        if (flow is { IsQuiet: true, IsClosed: false, Plan.State: not JobState.Succeeded })
        {
            await members.KeepAsync(flow, flow.KeepFor); // A redrive needs the results that there are.
        }

        if (flow is { IsQuiet: true, IsClosed: false })
        {
            await flow.WriteAsync(new FlowEntry { IsClosed = true });
            announce();
        }
    }

    private async Task WriteEndAsync(OpenFlow flow)
    {
        var error = flow.Plan.State == JobState.Succeeded ? null : await _results.ErrorOfAsync(flow, flow.Plan.At(0).FailedBy);
        var isLast = flow is { Plan: { Live: 0, State: JobState.Succeeded }, Opened.ReplacesId: null }; // As a rule nothing is left to do: one append ends and closes the flow.
        await flow.WriteAsync(new FlowEntry { Settled = new FlowSettled { At = services.Now, Error = StoredFlowError.Of(error) }, IsClosed = isLast });
        services.Metrics.FlowFinished(flow.Plan.State, services.Now - flow.Opened.CreatedAt);
        if (error is not null)
        {
            Log.FlowNotSucceeded(services.Logger, flow.Id, flow.Plan.State, error.ErrorType);
        }
    }

    /// <summary>The end of the job whose place the flow took.</summary>
    private async Task<ReplacementEnd> ReplacementAsync(OpenFlow flow)
    {
        if (flow.Plan.State != JobState.Succeeded)
        {
            return new ReplacementEnd(flow.Id, flow.Plan.State, null, flow.Settled!.Error?.Make());
        }

        try
        {
            var result = await FlowPages.ReadAsync(async from => await _results.ReadAsync(flow, 0, from), services.Options.MaxPayloadBytes);
            return result is { IsCut: false, Json: var json }
                ? new ReplacementEnd(flow.Id, JobState.Succeeded, json.ToArray(), null)
                : Failed(flow, "Krewe.PayloadTooLargeException", $"The result of the flow '{flow.Id}' is over the limit of {services.Options.MaxPayloadBytes} bytes.");
        }
        catch (ResultGoneException exception)
        {
            return Failed(flow, "Krewe.ResultGoneException", exception.Message);
        }
    }

    private static ReplacementEnd Failed(OpenFlow flow, string errorType, string message) => new(flow.Id, JobState.Failed, null, new FlowError("", "", errorType, message, 0));
}
