using System.Globalization;

namespace AkkaOverlay.Node.Lab;

/// <summary>Whose a lab is, as files in its directory tell: the process that made it, and whether it shall outlive that process.</summary>
internal static class LabOwner
{
    /// <summary>What the file of a process that can have made a lab is called: the product, the runtime, the test runner.</summary>
    private static readonly string[] Executables = ["akka-overlay", "dotnet", "testhost", Path.GetFileName(Environment.ProcessPath ?? "dotnet")];

    public static void Write(LabName lab) =>
        File.WriteAllText(OwnerFile(lab), string.Create(CultureInfo.InvariantCulture, $"{ProcessKey.Own().StartTicks}\n"));

    public static void Keep(LabName lab) => File.WriteAllText(KeptFile(lab), "");

    public static bool IsKept(LabName lab) => File.Exists(KeptFile(lab));

    /// <summary>True while the process that made it is there: not another one that has its id now.</summary>
    public static bool IsAlive(LabName lab)
    {
        if (ProcessKey.Find(lab.Pid) is not { } process || !Executables.Contains(Executable(lab.Pid)))
            return false;
        return !File.Exists(OwnerFile(lab)) || File.ReadAllText(OwnerFile(lab)).Trim() == process.StartTicks.ToString(CultureInfo.InvariantCulture);
    }

    private static string OwnerFile(LabName lab) => Path.Combine(lab.Directory, "owner");

    private static string KeptFile(LabName lab) => Path.Combine(lab.Directory, "kept");

    private static string? Executable(int id)
    {
        try
        {
            // An executable that was replaced since, by a build for example, has this behind its name (proc_pid_exe(5)).
            return Path.GetFileName(new FileInfo($"/proc/{id}/exe").LinkTarget)?.Replace(" (deleted)", "", StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
