namespace AkkaOverlay.SecondKernel.Tests;

/// <inheritdoc cref="SecondKernelFactAttribute"/>
internal sealed class SecondKernelTheoryAttribute : TheoryAttribute
{
    public SecondKernelTheoryAttribute() => Skip = new SecondKernelFactAttribute().Skip;
}
