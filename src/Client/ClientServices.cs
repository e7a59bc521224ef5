using Krewe.Flows;
using Krewe.Inspection;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Schedules;

namespace Krewe;

/// <summary>What a client and its children share; one per process.</summary>
internal sealed record ClientServices(
    JobFactory Factory,
    QueueDirectory Queues,
    JobCalls Calls,
    FlowSender FlowSender,
    FlowCalls Flows,
    EventWatcher Events,
    QueueInspector QueueInspector,
    WorkerInspector WorkerInspector,
    ScheduleClient Schedules);
