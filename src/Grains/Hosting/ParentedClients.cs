using Krewe.Execution;

namespace Krewe.Hosting;

/// <inheritdoc cref="IParentedClients"/>
internal sealed class ParentedClients(JobClient client) : IParentedClients
{
    public IJobClient For(string jobId, Action<string> onChild) => client.ForParent(jobId, onChild);
}
