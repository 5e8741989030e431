using System.Diagnostics;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Debian's BIRD inside one lab host, with a configuration and a control socket of its own. Disposing ends it.</summary>
internal sealed class Bird : IDisposable
{
    private readonly LabHost host;
    private readonly Process process;
    private readonly string control;

    private Bird(LabHost host, Process process, string control)
    {
        this.host = host;
        this.process = process;
        this.control = control;
    }

    public static Bird Start(LabHost host, string configuration)
    {
        // bird(8) makes the control socket; sun_path has 108 octets, and a lab's directories are short.
        string file = Path.Combine(host.RunDirectory, "bird.conf"), control = Path.Combine(host.RunDirectory, "bird.ctl");
        File.WriteAllText(file, configuration);
        var process = Command.Start(host.Host, "bird", "-f", "-c", file, "-s", control, "-P", Path.Combine(host.RunDirectory, "bird.pid"));
        return new Bird(host, process, control);
    }

    /// <summary>birdc(8).</summary>
    public async Task<string> Ask(string question)
    {
        if (process.HasExited)
            throw new InvalidOperationException($"bird on {host.Name} ended: {await process.StandardError.ReadToEndAsync()}");
        return (await Command.Run(host.Host, "birdc", "-s", control, question)).Output;
    }

    /// <summary>Networks of the routes that one of its protocols has learned.</summary>
    public async Task<IReadOnlyList<string>> RoutesOf(string protocol) =>
    [
        .. (await Ask($"show route protocol {protocol}")).Split('\n')
            .Where(line => line.Length > 0 && char.IsAsciiDigit(line[0]) && line.Contains('/', StringComparison.Ordinal))
            .Select(line => line.Split(' ')[0])
            .Order(StringComparer.Ordinal),
    ];

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
