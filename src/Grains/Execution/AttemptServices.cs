using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Krewe.Execution;

/// <summary>What attempts need of the silo.</summary>
internal sealed record AttemptServices(IServiceScopeFactory Scopes, IParentedClients Clients, IFlowDoor Flows, ILoggerFactory Loggers, TimeProvider Time);
