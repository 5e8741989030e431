namespace AkkaOverlay.SecondKernel.Tests;

/// <summary>A spec for the kernel of tests/vm, which has every device and scheduler that this project needs; skipped anywhere else.</summary>
internal sealed class SecondKernelFactAttribute : FactAttribute
{
    public SecondKernelFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("AKKA_OVERLAY_SECOND_KERNEL") is null)
            Skip = "runs under the second kernel: tests/vm/test.sh";
    }
}
