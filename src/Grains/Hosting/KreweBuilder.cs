using System.Reflection;
using Krewe.Hosting;
using Krewe.Schedules;
using Microsoft.Extensions.DependencyInjection;

namespace Krewe;

/// <summary>Builds a silo's job engine: its store, its handlers, its routes. Passed to <c>AddKrewe</c>.</summary>
public sealed class KreweBuilder
{
    internal KreweBuilder(ISiloBuilder silo, JobRegistrations registrations) => (Silo, Registrations) = (silo, registrations);

    /// <summary>The silo under construction.</summary>
    public ISiloBuilder Silo { get; }

    /// <summary>Its services.</summary>
    public IServiceCollection Services => Silo.Services;

    internal JobRegistrations Registrations { get; }

    /// <summary>Registers every public or internal handler class of an assembly.</summary>
    /// <param name="assembly">Scanned once; one without handlers is refused when the silo starts.</param>
    public KreweBuilder AddJobsFrom(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        Registrations.Assemblies.Add(assembly);
        return this;
    }

    /// <summary>Registers one handler class, and sets what its job starts from; stronger than <c>[Job]</c>.</summary>
    /// <typeparam name="THandler">A class that implements <see cref="IJobHandler{TJob}"/> or <see cref="IJobHandler{TJob, TResult}"/>.</typeparam>
    /// <param name="configure">Sets options; null: none.</param>
    public KreweBuilder AddJob<THandler>(Action<JobOptions>? configure = null)
        where THandler : class
    {
        var options = new JobOptions();
        configure?.Invoke(options);
        Registrations.Handlers.Add((typeof(THandler), options));
        return this;
    }

    /// <summary>Sends jobs whose names match to a queue, where neither the job nor the call names one.</summary>
    /// <param name="pattern">A job name in which <c>*</c> stands for any characters, such as <c>payments.*</c>.</param>
    /// <param name="queue">A queue that exists.</param>
    public KreweBuilder Route(string pattern, string queue) => Configure(options => options.Routes.Add(new RouteOptions { Pattern = pattern, Queue = queue }));

    /// <summary>Declares a schedule: it is made when the silo starts, or brought up to date where this differs from what was declared before. What an operator changed of it stays, and is reported.</summary>
    /// <param name="id">Its id, <c>[A-Za-z0-9._-]</c>, 1..100 characters.</param>
    /// <param name="recurrence">When it is due.</param>
    /// <param name="work">A job, a job with options (<c>job.With(…)</c>), or a flow of at most 500 steps.</param>
    /// <param name="options">What it does beside; null: the defaults.</param>
    /// <remarks>What cannot be is refused when the silo starts. A schedule that is no longer declared stays until somebody deletes it.</remarks>
    public KreweBuilder AddSchedule(string id, Recurrence recurrence, IFlowStep work, ScheduleOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(recurrence);
        ArgumentNullException.ThrowIfNull(work);
        Registrations.Schedules.Add(new ScheduleSeed(id, recurrence, work, options ?? new ScheduleOptions(), ScheduleSource.Code));
        return this;
    }

    /// <summary>Sets options in code; runs after the binding of the section <c>Krewe</c>.</summary>
    /// <param name="configure">Sets options.</param>
    public KreweBuilder Configure(Action<KreweOptions> configure)
    {
        Services.Configure(configure);
        return this;
    }
}
