using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Actors.Leases;
using static AkkaOverlay.Actors.Tests.Firewall.FirewallSamples;

namespace AkkaOverlay.Actors.Tests.Firewall;

public sealed class NftScriptSpecs
{
    private static string Script(WantedFirewall wanted, NftFeatures features = NftFeatures.All)
    {
        var body = NftScript.Body(wanted, features);
        return NftScript.Whole(body, NftElements.Of(wanted, body));
    }

    [Fact]
    public void The_whole_table_as_nft_reads_it() => Assert.Equal(
        """
        add table inet akka-overlay
        delete table inet akka-overlay
        table inet akka-overlay {
         set hosts4 { type ipv4_addr; }
         set hosts6 { type ipv6_addr; }
         set bound4 { typeof ip saddr . @th,336,32; flags interval; }
         set bound6 { typeof ip6 saddr . @th,304,128; flags interval; }
         chain tunnel {
          ip saddr 10.244.0.0/16 counter drop comment "tunnel packet from an overlay address"
          fib saddr . iif oif missing counter drop comment "tunnel packet from where its sender is not"
          ip saddr != @hosts4 counter drop comment "IPv4 sender without a lease"
          ip6 saddr != @hosts6 counter drop comment "IPv6 sender without a lease"
          meta nfproto ipv4 @th,224,16 != 0x0800 @th,224,16 != 0x0806 counter drop comment "other than IPv4 and ARP inside IPv4"
          meta nfproto ipv6 @th,224,16 != 0x86dd counter drop comment "other than IPv6 inside IPv6"
          @th,224,16 0x0800 @th,336,32 0xaf40000-0xaf4ffff ip saddr . @th,336,32 != @bound4 counter drop comment "inner 10.244.0.0/16 from another's host"
         }
         chain fragment {
          @th,424,8 >= 0x0 return comment "first fragment with all that is asked for"
          counter drop comment "first fragment that hides what is inside"
         }
         chain plain {
          iifname "lo" return comment "the host to itself"
          iifname "flannel*" return comment "out of a tunnel"
          fib saddr . iif oif missing counter drop comment "overlay packet from where its sender is not"
         }
         chain guard-input {
          type filter hook input priority -150; policy accept;
          udp dport 8472 frag frag-off 0 frag more-fragments 1 jump fragment comment "first fragments to this host by IPv6"
          udp dport 8472 @th,96,24 0x1 jump tunnel comment "tunnel packets to this host"
          ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 jump plain comment "10.244.0.0/16 to this host"
         }
         chain guard-forward {
          type filter hook forward priority -150; policy accept;
          ip daddr @hosts4 ip frag-off & 0x3fff == 0x2000 udp dport 8472 jump fragment comment "first fragments to other hosts by IPv4"
          ip6 daddr @hosts6 udp dport 8472 frag frag-off 0 frag more-fragments 1 jump fragment comment "first fragments to other hosts by IPv6"
          ip daddr @hosts4 udp dport 8472 @th,96,24 0x1 jump tunnel comment "tunnel packets to other hosts by IPv4"
          ip6 daddr @hosts6 udp dport 8472 @th,96,24 0x1 jump tunnel comment "tunnel packets to other hosts by IPv6"
          ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 jump plain comment "10.244.0.0/16 sent on"
         }
         chain forward {
          type filter hook forward priority 0; policy accept;
          ip saddr 10.244.0.0/16 counter accept comment "10.244.0.0/16 to any"
          ip daddr 10.244.0.0/16 counter accept comment "any to 10.244.0.0/16"
         }
         chain postrtg {
          type nat hook postrouting priority 100; policy accept;
          meta mark & 0x4000 == 0x4000 counter return comment "marked by others"
          ip saddr 10.244.1.0/24 ip daddr 10.244.0.0/16 counter return comment "10.244.1.0/24 to 10.244.0.0/16"
          ip saddr 10.244.0.0/16 ip daddr 10.244.1.0/24 counter return comment "10.244.0.0/16 to 10.244.1.0/24"
          ip saddr != 10.244.0.0/16 ip daddr 10.244.1.0/24 counter return comment "!10.244.0.0/16 to 10.244.1.0/24"
          ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 counter return comment "10.244.0.0/16 to 10.244.0.0/16"
          ip daddr 192.168.0.0/16 counter return comment "any to 192.168.0.0/16"
          ip saddr 10.244.0.0/16 ip daddr != 224.0.0.0/4 counter masquerade fully-random comment "10.244.0.0/16 to !224.0.0.0/4"
          ip saddr != 10.244.0.0/16 ip daddr 10.244.0.0/16 counter masquerade fully-random comment "!10.244.0.0/16 to 10.244.0.0/16"
         }
        }
        add element inet akka-overlay bound4 { 192.168.7.2 . 0xaf40200-0xaf402ff }
        add element inet akka-overlay hosts4 { 192.168.7.2 }

        """,
        Script(Wanted(NetworkOf(more: ""","MasqExclude":["192.168.0.0/16","fd00::/8"]"""), null, Samples.Lease(2))));

    [Fact]
    public void A_kernel_that_cannot_do_a_part_gets_the_rest()
    {
        var wanted = Wanted(NetworkOf(), null, Samples.Lease(2));
        Assert.DoesNotContain("fib", Script(wanted, NftFeatures.Binding), StringComparison.Ordinal);
        Assert.DoesNotContain("bound4", Script(wanted, NftFeatures.Path), StringComparison.Ordinal);
        Assert.Contains("IPv4 sender without a lease", Script(wanted, NftFeatures.None), StringComparison.Ordinal);
    }

    [Fact]
    public void With_iptables_the_table_has_the_guard_alone_and_without_a_guard_nothing()
    {
        Assert.Equal(["tunnel", "fragment", "plain", "guard-input", "guard-forward"], NftScript.Body(Wanted(NetworkOf(nftables: false)), NftFeatures.All).Chains.Select(chain => chain.Name));
        Assert.True(NftScript.Body(Wanted(NetworkOf(nftables: false), Masquerading with { Guard = SpoofGuard.Off }), NftFeatures.All).IsEmpty);
        Assert.True(NftScript.Body(Wanted(NetworkOf(nftables: false, backEnd: """{"Type":"host-gw"}""")), NftFeatures.All).IsEmpty);
    }

    [Fact]
    public void Encrypted_udp_may_come_from_anywhere_but_a_container()
    {
        string plain = Script(Wanted(NetworkOf(backEnd: """{"Type":"udp"}"""), null, Samples.Lease(2)));
        string encrypted = Script(Wanted(NetworkOf(backEnd: """{"Type":"udp","Encryption":"aes-256-gcm"}"""), null, Samples.Lease(2)));
        Assert.Contains("udp dport 8285 jump tunnel", plain, StringComparison.Ordinal);
        Assert.Contains("without a lease", plain, StringComparison.Ordinal);
        Assert.DoesNotContain("without a lease", encrypted, StringComparison.Ordinal);
        Assert.Contains("fib saddr", encrypted, StringComparison.Ordinal);
        Assert.Contains("ip daddr @hosts4 udp dport 8285", encrypted, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_behind_a_router_may_send_from_both_of_its_addresses()
    {
        var peer = Samples.Lease(2, 0, Samples.Vxlan(2) with { Local = new HostAddresses(Samples.Address("10.0.0.2"), null) });
        var guard = Wanted(NetworkOf(), Masquerading with { Allowed = [Samples.Address("192.168.9.9")] }, peer).Guard!;
        Assert.Equal(["10.0.0.2/32", "192.168.7.2/32", "192.168.9.9/32"], guard.Senders!.Select(sender => sender.ToString()));
    }

    [Fact]
    public void A_peer_that_comes_or_goes_changes_its_members_alone()
    {
        WantedFirewall before = Wanted(NetworkOf(), null, Samples.Lease(2), Samples.Lease(3)), after = Wanted(NetworkOf(), null, Samples.Lease(3), Samples.Lease(4));
        NftBody was = NftScript.Body(before, NftFeatures.All), body = NftScript.Body(after, NftFeatures.All);
        Assert.Equal(was.Text, body.Text);
        NftElements old = NftElements.Of(before, was), now = NftElements.Of(after, body);
        Assert.Equal(
            """
            add element inet akka-overlay bound4 { 192.168.7.4 . 0xaf40400-0xaf404ff }
            add element inet akka-overlay hosts4 { 192.168.7.4 }
            delete element inet akka-overlay bound4 { 192.168.7.2 . 0xaf40200-0xaf402ff }
            delete element inet akka-overlay hosts4 { 192.168.7.2 }

            """,
            NftScript.Change("akka-overlay", now.Except(old), old.Except(now)));
    }

    [Fact]
    public void Both_families_have_rules_of_their_own()
    {
        string script = Script(Wanted(NetworkOf(more: ""","EnableIPv6":true,"IPv6Network":"fd42::/56" """), null, Samples.DualLease(2)));
        Assert.Contains("ip6 saddr fd42::/56 ip6 daddr != ff00::/8 counter masquerade fully-random", script, StringComparison.Ordinal);
        Assert.Contains("add element inet akka-overlay bound6 { fd07::2 . 0xfd420000000000020000000000000000-0xfd42000000000002ffffffffffffffff }", script, StringComparison.Ordinal);
    }
}
