using AkkaOverlay.Kernel.Namespaces;

namespace AkkaOverlay.Kernel.Tests.Namespaces;

/// <summary>No two namespaces of one boot are the same, also where one takes the other's place.</summary>
public sealed class NamespaceIdentitySpecs
{
    [Fact]
    public void A_namespace_keeps_its_identity_and_its_successor_has_another()
    {
        string here = NamespaceIdentity.OfThread();
        using var first = new TestNamespace();
        string inFirst = first.Inside.Run(NamespaceIdentity.OfThread);
        Assert.Equal(inFirst, first.Inside.Run(NamespaceIdentity.OfThread));
        using var second = new TestNamespace();
        Assert.Equal(3, new[] { here, inFirst, second.Inside.Run(NamespaceIdentity.OfThread) }.Distinct().Count());
        Assert.Equal(here, NamespaceIdentity.OfThread());
    }
}
