namespace AkkaOverlay.Kernel.Netfilter;

/// <summary>Runs the packet filter's own programs: nft(8), iptables-restore(8) and their like.</summary>
public interface IToolRunner
{
    /// <summary>True where the program is in a directory that is looked into, PATH's above all, and may be executed.</summary>
    bool Has(string program);

    /// <summary>Runs it to its end; bounded in time.</summary>
    /// <param name="input">What it reads on its standard input.</param>
    /// <exception cref="ToolException">It is not there, or did not end in time and was killed.</exception>
    ToolResult Run(string program, IReadOnlyList<string> arguments, string input = "");
}
