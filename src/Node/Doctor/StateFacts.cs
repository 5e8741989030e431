namespace AkkaOverlay.Node.Doctor;

/// <summary>Whether the state directory can hold what a node must not forget.</summary>
internal static class StateFacts
{
    public static DoctorFacts Add(DoctorFacts facts)
    {
        string directory = facts.StateDirectory;
        // Made by the first start: then the place where it will be counts.
        bool there = Directory.Exists(directory);
        for (; !Directory.Exists(directory); directory = Path.GetDirectoryName(directory) ?? "/")
        {
            if (File.Exists(directory))
                return facts with { StateProblem = $"{directory} is a file" };
        }
        try
        {
            var disk = new DriveInfo(directory);
            facts = facts with { StateFree = disk.AvailableFreeSpace, StateMode = there ? File.GetUnixFileMode(directory) : null };
            if (there)
            {
                string probe = Path.Combine(directory, $".doctor-{Environment.ProcessId}");
                File.WriteAllBytes(probe, [0]);
                File.Delete(probe);
            }
            return facts;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return facts with { StateProblem = e.Message };
        }
    }
}
