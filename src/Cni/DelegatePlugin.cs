using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AkkaOverlay.Cni;

/// <summary>Another plugin, run as the specification says ("Plugin Delegation"): same environment, its configuration on standard input.</summary>
/// <param name="patience">For each run; then it is killed with its children.</param>
internal sealed class DelegatePlugin(string type, string file, IReadOnlyDictionary<string, string> environment, TimeSpan patience)
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public string Type { get; } = type;

    /// <exception cref="CniException">Code 100: it is in none of the directories.</exception>
    public static DelegatePlugin Find(string type, Invocation invocation, TimeSpan patience)
    {
        foreach (string directory in invocation.SearchPath)
        {
            string file = Path.GetFullPath(Path.Combine(directory, type));
            if (File.Exists(file) && (File.GetUnixFileMode(file) & AnyExecute) != 0)
                return new DelegatePlugin(type, file, invocation.Environment, patience);
        }
        throw new CniException(ErrorCode.DelegateMissing, $"the plugin '{type}' is not installed",
            $"no executable of this name in CNI_PATH {Printable.Of(string.Join(':', invocation.SearchPath))} (Debian: containernetworking-plugins)");
    }

    /// <summary>The same plugin with other variables; null takes one away.</summary>
    public DelegatePlugin With(TimeSpan otherPatience, params IEnumerable<(string Name, string? Value)> variables)
    {
        var changed = new Dictionary<string, string>(environment, StringComparer.Ordinal);
        foreach (var (name, value) in variables)
        {
            if (value is null)
                changed.Remove(name);
            else
                changed[name] = value;
        }
        return new DelegatePlugin(Type, file, changed, otherPatience);
    }

    public DelegatePlugin With(params IEnumerable<(string Name, string? Value)> variables) => With(patience, variables);

    /// <summary>The version to speak with it: ours, or the one before where it does not know ours yet (plugins before 1.6 know no CNI 1.1).</summary>
    public string Speaks(string version)
    {
        if (version != CniVersion.Latest)
            return version;
        var question = new JsonObject { ["cniVersion"] = version };
        var answer = Json.Object(With(("CNI_COMMAND", "VERSION")).Run(question), $"what {Type} printed for VERSION");
        return answer["supportedVersions"] is JsonArray known && known.Any(one => Json.Text(one) == version) ? version : CniVersion.BeforeLatest;
    }

    /// <returns>What it printed.</returns>
    /// <exception cref="DelegateErrorException">It failed with an error in CNI's format.</exception>
    /// <exception cref="CniException">Code 11: it did not end in time. 101: it cannot be started, or failed without an error in CNI's format.</exception>
    public byte[] Run(JsonObject conf)
    {
        var (status, printed) = Execute(Json.Write(conf));
        if (status == 0)
            return printed;
        JsonObject? error = null;
        try
        {
            error = Json.Object(printed, "");
        }
        catch (CniException)
        {
            // Said below.
        }
        if (error?["code"]?.GetValueKind() == JsonValueKind.Number && Json.Text(error["msg"]) is not null)
            throw new DelegateErrorException(printed);
        throw new CniException(ErrorCode.DelegateFailed, $"the plugin '{Type}' failed with exit status {status} and without an error in CNI's format",
            Printable.Of(Encoding.UTF8.GetString(printed)));
    }

    private (int Status, byte[] Printed) Execute(byte[] input)
    {
        using var process = Start();
        using var deadline = new CancellationTokenSource(patience);
        try
        {
            return Converse(process, input, deadline.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException e)
        {
            throw new CniException(ErrorCode.TryAgain, $"the plugin '{Type}' did not end within {patience.TotalSeconds} s and was killed", "", e);
        }
        finally
        {
            // Also where it closed its output and goes on, or printed without end.
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private Process Start()
    {
        // Its standard error is ours: the runtime's log has it.
        var start = new ProcessStartInfo(file) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new CniException(ErrorCode.DelegateFailed, $"the plugin '{Type}' cannot be started", Printable.Of(e.Message), e);
        }
    }

    private async Task<(int Status, byte[] Printed)> Converse(Process process, byte[] input, CancellationToken cancel)
    {
        var printed = ReadAll(process.StandardOutput.BaseStream, cancel);
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, cancel);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended, or closed its input, without reading everything: what it printed says more.
        }
        byte[] output = await printed;
        await process.WaitForExitAsync(cancel);
        return (process.ExitCode, output);
    }

    /// <summary>Reads to the end, which its children hold open too.</summary>
    private async Task<byte[]> ReadAll(Stream stream, CancellationToken cancel)
    {
        using var content = new MemoryStream();
        byte[] chunk = new byte[16 << 10];
        // A read from a pipe cannot be cancelled: it is left behind.
        while (await stream.ReadAsync(chunk, cancel).AsTask().WaitAsync(cancel) is var count and > 0)
        {
            content.Write(chunk, 0, count);
            if (content.Length > Json.Largest)
                throw new CniException(ErrorCode.Decoding, $"the plugin '{Type}' printed more than {Json.Largest >> 20} MiB");
        }
        return content.ToArray();
    }
}
