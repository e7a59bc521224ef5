using Krewe.Demo;
using Krewe.Hosting;

var commandLine = SiloCommand.Read(args, Console.Out, Console.Error);
if (commandLine.ExitCode is { } exitCode)
{
    return exitCode;
}

var urls = new List<string>();
try
{
    var builder = SiloHost.CreateBuilder(commandLine.Settings);
    var flags = SiloFlags.Read(builder.Configuration);
    urls.AddRange(flags.Urls);

    await using var demo = flags.Demo ? await DemoShop.OpenAsync() : null;
    await using var app = SiloHost.Build(builder, flags, demo);
    using var secondSignal = new SecondSignal(code =>
    {
        SiloLog.Leaving(app.Logger);
        Environment.Exit(code);
    });
    if (!await SiloHost.StartAsync(app))
    {
        return 0;
    }

    SiloHost.Announce(app, flags);

    if (demo is not null)
    {
        await demo.RunAsync(app.Services, app.Urls.First());
    }

    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception exception) when (StartErrors.Find(exception, urls) is { } problem)
{
    Console.Error.WriteLine(problem.Message);
    return StartErrors.ExitCode(problem);
}
