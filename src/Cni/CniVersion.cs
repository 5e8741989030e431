namespace AkkaOverlay.Cni;

/// <summary>The versions of the specification that we speak, and what came with which.</summary>
internal static class CniVersion
{
    public const string Latest = "1.1.0";

    /// <summary>The last one that knows neither GC nor STATUS. What 1.1 added to results is optional, so that a result of 1.0 is one of 1.1 (CNI 1.1, "Changelog").</summary>
    public const string BeforeLatest = "1.0.0";

    public static IReadOnlyList<string> Supported { get; } = ["0.3.0", "0.3.1", "0.4.0", BeforeLatest, Latest];

    /// <summary>The first version that has a command.</summary>
    public static string Since(string command) => command switch
    {
        "CHECK" => "0.4.0",
        "GC" or "STATUS" => "1.1.0",
        _ => Supported[0],
    };

    public static bool Knows(string version, string command) => IndexOf(version) >= IndexOf(Since(command));

    private static int IndexOf(string version) => Supported.TakeWhile(known => known != version).Count();
}
