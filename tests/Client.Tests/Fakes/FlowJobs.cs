namespace Krewe.Client.Tests.Fakes;

[Job("flow.count")]
internal sealed record Count(int Number = 0) : IJob<int>;

[Job("flow.sum")]
internal sealed record Sum : IJob<int>, IReceives<int[]>;

[Job("flow.bill")]
internal sealed record Bill : IJob<string>, IReceives<Receipt>;

[Job("flow.bills")]
internal sealed record Bills : IJob<string>, IReceives<IReadOnlyList<Receipt>>;

[Job("flow.alert")]
internal sealed record Alert(string To = "") : IJob, IReceives<FlowError>;

[Job("flow.anything")]
internal sealed record Anything : IJob, IReceives<object>;

[Job("flow.either")]
internal sealed record Either : IJob, IReceives<string>, IReceives<int>;

internal sealed record NoStep : IFlowStep;
