using System.Diagnostics;
using System.Text.Json;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Chaos.Watch;

/// <summary>iproute2's word on what a host's kernel holds.</summary>
public static class IpRoutes
{
    /// <summary>Destinations of the IPv4 routes of protocol 77 in the main table, sorted.</summary>
    /// <exception cref="LabException">ip refused.</exception>
    public static async Task<IReadOnlyList<string>> OfAsync(LabHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var start = new ProcessStartInfo("ip", ["-j", "route", "show", "proto", "77"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = host.Host.StartProcess(start);
        string output = await process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new LabException($"ip route in {host.Host.Name}: {error.Trim()}");
        using var json = JsonDocument.Parse(output.Length == 0 ? "[]" : output);
        return [.. json.RootElement.EnumerateArray().Select(route => route.GetProperty("dst").GetString()!).Order(StringComparer.Ordinal)];
    }
}
