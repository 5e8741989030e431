namespace AkkaOverlay.BackEndMatrix;

/// <summary>A kernel that rows are seen under, and what its machine is good for.</summary>
/// <param name="Name">In the table.</param>
/// <param name="Hosts">In a row's lab; the first is the core.</param>
/// <param name="PingInterval">Of each pair while something happens.</param>
/// <param name="TcpOctets">In one transfer.</param>
/// <param name="HasNetem">It has the scheduler that loses, delays and reorders.</param>
internal sealed record MatrixKernel(string Name, int Hosts, TimeSpan PingInterval, int TcpOctets, bool HasNetem)
{
    /// <summary>That of the machine that runs the tests.</summary>
    public static MatrixKernel Own { get; } = new("own", 3, TimeSpan.FromMilliseconds(20), 8 << 20, HasNetem: false);

    /// <summary>The distribution's, in an emulator (tests/vm): slow.</summary>
    public static MatrixKernel Second { get; } = new("second", 2, TimeSpan.FromMilliseconds(100), 1 << 19, HasNetem: true);
}
