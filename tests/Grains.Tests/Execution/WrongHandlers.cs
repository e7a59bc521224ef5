using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Krewe.Grains.Tests.Execution;

/// <summary>Handlers and jobs that a silo refuses.</summary>
internal static class WrongHandlers
{
    internal interface IMailer<T>;

    [Job("test.wrong.first")]
    internal sealed record FirstJob : IJob;

    [Job("test.wrong.first")]
    internal sealed record SameName : IJob;

    [Job("test.wrong.soft", SoftTimeLimitSeconds = 5, TimeLimitSeconds = 2)]
    internal sealed record SoftOverHard : IJob;

    [Job("bad name!", MaxRetries = -1)]
    internal sealed record BadName : IJob;

    internal readonly record struct StructJob : IJob;

    [Job("test.wrong.two_results")]
    internal sealed record TwoResults : IJob<int>, IJob<string>;

    [Job("test.wrong.with_result")]
    internal sealed record WithResult : IJob<string>;

    internal sealed record NoAttribute : IJob;

    [Job("test.wrong.needs_mailer")]
    internal sealed record Mailed : IJob;

    [Job("test.wrong.constructors")]
    internal sealed record Constructed : IJob;

    [Job("test.wrong.lost_queue", Queue = "saturn")]
    internal sealed record LostQueue : IJob;

    [Job("test.wrong.unreadable")]
    internal sealed record Unreadable : IJob
    {
        [JsonConstructor]
        public Unreadable(int number) => Number = number;

        [JsonConstructor]
        public Unreadable(string text) => Number = text.Length;

        public int Number { get; }
    }

    internal abstract class Handling<TJob> : IJobHandler<TJob>
        where TJob : IJob
    {
        public Task HandleAsync(TJob job, JobContext context, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    internal sealed class NeedsMailer(IMailer<string> mailer, int retries = 3) : Handling<Mailed>
    {
        public override string ToString() => $"{mailer} {retries}";
    }

    internal sealed class NeedsKeyed([FromKeyedServices("fast")] IMailer<int> mailer) : Handling<FirstJob>
    {
        public override string ToString() => $"{mailer}";
    }

    internal sealed class First : Handling<FirstJob>;

    internal sealed class Second : Handling<FirstJob>;

    internal sealed class SameNameHandler : Handling<SameName>;

    internal sealed class SoftOverHardHandler : Handling<SoftOverHard>;

    internal sealed class BadNameHandler : Handling<BadName>;

    internal sealed class StructHandler : Handling<StructJob>;

    internal sealed class TwoResultsHandler : Handling<TwoResults>;

    internal sealed class ForgotResult : Handling<WithResult>;

    internal sealed class OtherResult : IJobHandler<WithResult, object>
    {
        public Task<object> HandleAsync(WithResult job, JobContext context, CancellationToken cancellationToken) => Task.FromResult<object>("");
    }

    internal sealed class Open<TJob> : Handling<TJob>
        where TJob : IJob;

    internal abstract class AbstractHandler : Handling<Mailed>;

    internal sealed class NoHandler;

    internal sealed class NoAttributeHandler : Handling<NoAttribute>;

    internal sealed class TwoConstructors : Handling<Constructed>
    {
        public TwoConstructors()
        {
        }

        public TwoConstructors(IServiceProvider services) => _ = services;
    }

    internal sealed class NoConstructor : Handling<Constructed>
    {
        private NoConstructor()
        {
        }
    }

    internal sealed class UnreadableHandler : Handling<Unreadable>;

    internal sealed class LostQueueHandler : Handling<LostQueue>;
}
