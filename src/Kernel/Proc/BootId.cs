namespace AkkaOverlay.Kernel.Proc;

/// <summary>
/// /proc/sys/kernel/random/boot_id (random(4)): a UUID that the kernel draws once for each boot, the same in every container of a host.
/// </summary>
public static class BootId
{
    /// <exception cref="IOException">/proc is not there.</exception>
    public static Guid Read() => Guid.ParseExact(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), "D");
}
