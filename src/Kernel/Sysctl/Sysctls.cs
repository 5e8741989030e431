using System.Globalization;

namespace AkkaOverlay.Kernel.Sysctl;

/// <summary>
/// Kernel parameters under /proc/sys (sysctl(8), proc_sys(5)). Those of <c>net</c> are of the calling thread's network namespace.
/// </summary>
/// <remarks>
/// Keys are as in sysctl(8): <c>net.ipv4.ip_forward</c> or <c>net/ipv4/ip_forward</c>; the first separator decides. An interface's name
/// may hold dots, so only the slash form is safe there: <c>net/ipv4/conf/eth0.100/forwarding</c>. Values lose the white space at their
/// ends, and inside each run of it is one space. Every member throws <see cref="IOException"/> where there is no such key, the kernel
/// refuses the value, or rights are missing.
/// </remarks>
public static class Sysctls
{
    private const string Root = "/proc/sys/";

    public static bool Exists(string key) => File.Exists(PathOf(key));

    public static string Read(string key)
    {
        try
        {
            return Normalise(File.ReadAllText(PathOf(key)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"sysctl {key} cannot be read: {Reason(failure)}", failure);
        }
    }

    /// <exception cref="IOException">Also where the value is not one integer.</exception>
    public static long ReadNumber(string key)
    {
        string value = Read(key);
        return long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new IOException($"sysctl {key} is not a number but '{value}'.");
    }

    /// <returns>The value before.</returns>
    public static string Write(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        string old = Read(key);
        try
        {
            // One write(2) from the start: the kernel takes each write as a whole value (Documentation/admin-guide/sysctl/kernel.rst,
            // sysctl_writes_strict).
            using var file = new FileStream(PathOf(key), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write(System.Text.Encoding.UTF8.GetBytes(value));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"sysctl {key} cannot be set to '{value}' (it is '{old}'): {Reason(failure)}", failure);
        }
        return old;
    }

    /// <summary>Writes only where the value differs.</summary>
    /// <returns>True where it was changed.</returns>
    public static bool Ensure(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (Read(key) == Normalise(value))
            return false;
        Write(key, value);
        return true;
    }

    /// <summary>Writes only where the number is smaller.</summary>
    /// <returns>True where it was changed.</returns>
    public static bool EnsureAtLeast(string key, long value)
    {
        if (ReadNumber(key) >= value)
            return false;
        Write(key, value.ToString(CultureInfo.InvariantCulture));
        return true;
    }

    /// <exception cref="ArgumentException">The key is empty or would leave /proc/sys.</exception>
    internal static string PathOf(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        char separator = key[Math.Max(0, key.AsSpan().IndexOfAny('.', '/'))];
        string path = separator == '.' ? key.Replace('.', '/') : key;
        foreach (var segment in path.AsSpan().Split('/'))
        {
            if (path[segment] is "" or "." or "..")
                throw new ArgumentException($"'{key}' is no sysctl key.", nameof(key));
        }
        return Root + path;
    }

    private static string Normalise(string value) => string.Join(' ', value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Reason(Exception failure) => failure switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such key",
        UnauthorizedAccessException => "permission denied",
        _ => failure.Message,
    };
}
