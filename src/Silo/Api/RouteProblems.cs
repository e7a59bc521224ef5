namespace Krewe.Api;

/// <summary>Tells the API's description which problems a route answers.</summary>
internal static class RouteProblems
{
    public static RouteHandlerBuilder WithProblems(this RouteHandlerBuilder route, params int[] statuses)
    {
        foreach (var status in statuses)
        {
            route.ProducesProblem(status);
        }

        return route;
    }
}
