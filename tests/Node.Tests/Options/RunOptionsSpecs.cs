using AkkaOverlay.Node.Logging;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Tests.Options;

/// <summary>Three places for an option: the command line before the environment before node.json; whatever is wrong names the place and the value.</summary>
public sealed class RunOptionsSpecs : IDisposable
{
    private readonly string file = Path.GetTempFileName();
    private readonly Dictionary<string, string[]> typed = new() { ["seed"] = ["192.0.2.1"] };
    private readonly Dictionary<string, string> environment = [];

    public RunOptionsSpecs() => Write("{}");

    public void Dispose() => File.Delete(file);

    [Theory]
    [InlineData(null, null, null, 4053)]
    [InlineData(null, null, 4001, 4001)]
    [InlineData(null, "4002", 4001, 4002)]
    [InlineData("4003", "4002", 4001, 4003)]
    [InlineData(null, "", 4001, 4001)]
    public void The_command_line_wins_then_the_environment_then_the_file(string? line, string? variable, int? inFile, int expected)
    {
        Write(inFile is null ? "{}" : $$"""{"port": {{inFile}}}""");
        if (variable is not null)
            environment["AKKA_OVERLAY_PORT"] = variable;
        if (line is not null)
            typed["port"] = [line];
        Assert.Equal(expected, Read().Port);
    }

    [Fact]
    public void The_log_is_text_unless_one_of_the_three_places_says_JSON()
    {
        Assert.Equal(LogFormat.Text, Read().LogFormat);
        Write("""{"log-format": "json"}""");
        Assert.Equal(LogFormat.Json, Read().LogFormat);
        environment["AKKA_OVERLAY_LOG_FORMAT"] = "text";
        Assert.Equal(LogFormat.Text, Read().LogFormat);
        typed["log-format"] = ["xml"];
        Assert.Equal("--log-format 'xml': must be text or json", Assert.Throws<UsageException>(Read).Message);
    }

    [Theory]
    [InlineData("true", 600)]
    [InlineData("90s", 90)]
    [InlineData("2h", 7200)]
    [InlineData("false", 0)]
    [InlineData("0s", 0)]
    public void A_host_waits_for_its_containers_for_ten_minutes_or_as_long_as_it_is_told(string text, int seconds)
    {
        Assert.Equal(TimeSpan.Zero, Read().Drain);
        environment["AKKA_OVERLAY_DRAIN"] = text;
        Assert.Equal(TimeSpan.FromSeconds(seconds), Read().Drain);
    }

    [Fact]
    public void The_time_to_drain_can_be_left_out_where_it_is_typed_and_stands_in_node_json_as_true_or_a_duration()
    {
        var spec = RunOptions.Specs.Single(spec => spec.Name == "drain");
        Assert.Equal(["true"], spec.Given([]));
        Assert.Equal(["5m"], spec.Given(["5m"]));
        Write("""{"drain": true}""");
        Assert.Equal(RunOptions.DefaultDrain, Read().Drain);
        Write("""{"drain": "5m"}""");
        Assert.Equal(TimeSpan.FromMinutes(5), Read().Drain);
        typed["drain"] = ["soon"];
        Assert.Equal("--drain 'soon': not a duration such as 24h, 90m, 30s or 7d", Assert.Throws<UsageException>(Read).Message);
        typed["drain"] = ["9999d"];
        Assert.Contains("too long", Assert.Throws<UsageException>(Read).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:9453", "127.0.0.1:9453")]
    [InlineData("0.0.0.0:9453", "0.0.0.0:9453")]
    [InlineData("[::1]:9453", "[::1]:9453")]
    public void The_API_listens_where_it_is_told_to(string text, string expected)
    {
        Assert.Null(Read().ApiListen);
        environment["AKKA_OVERLAY_API_LISTEN"] = text;
        Assert.Equal(expected, Read().ApiListen?.ToString());
        Assert.Null(Read().ApiToken);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("9453")]
    [InlineData(":9453")]
    [InlineData("localhost:9453")]
    [InlineData("127.0.0.1:0")]
    [InlineData("127.0.0.1:99999")]
    [InlineData("::1:9453x")]
    public void An_API_address_is_an_address_and_a_port(string text)
    {
        typed["api-listen"] = [text];
        Assert.Equal($"--api-listen '{text}': not ADDRESS:PORT or [IPv6]:PORT", Assert.Throws<UsageException>(Read).Message);
    }

    [Theory]
    [InlineData("0123456789abcdef\n", UnixFileMode.UserRead, null)]
    [InlineData("0123456789abcdef", UnixFileMode.UserRead | UnixFileMode.UserWrite, null)]
    [InlineData("0123456789abcde", UnixFileMode.UserRead, "a token has at least 16 characters: openssl rand -base64 32")]
    [InlineData("", UnixFileMode.UserRead, "a token has at least 16 characters: openssl rand -base64 32")]
    [InlineData("0123456789 abcdef", UnixFileMode.UserRead, "a token is one word of printable ASCII characters")]
    [InlineData("0123456789\nabcdef", UnixFileMode.UserRead, "a token is one word of printable ASCII characters")]
    [InlineData("0123456789äabcdef", UnixFileMode.UserRead, "a token is one word of printable ASCII characters")]
    [InlineData("0123456789abcdef", UnixFileMode.UserRead | UnixFileMode.GroupRead, "others than its owner can read or write it; chmod 600 FILE")]
    [InlineData("0123456789abcdef", UnixFileMode.UserRead | UnixFileMode.OtherRead, "others than its owner can read or write it; chmod 600 FILE")]
    [InlineData("0123456789abcdef", UnixFileMode.UserRead | UnixFileMode.GroupWrite, "others than its owner can read or write it; chmod 600 FILE")]
    public void A_token_is_its_owners_alone_and_long_enough(string content, UnixFileMode mode, string? problem)
    {
        string token = Path.GetTempFileName();
        try
        {
            File.WriteAllText(token, content);
            File.SetUnixFileMode(token, mode);
            typed["api-listen"] = ["127.0.0.1:9453"];
            typed["api-token-file"] = [token];
            if (problem is null)
            {
                var options = Read();
                Assert.True(options.ApiToken!.Allows("Bearer 0123456789abcdef"));
                Assert.DoesNotContain("0123456789", options.ToString(), StringComparison.Ordinal);
                return;
            }
            string message = Assert.Throws<UsageException>(Read).Message;
            Assert.Equal($"--api-token-file {token}: {problem.Replace("FILE", token, StringComparison.Ordinal)}", message);
            Assert.DoesNotContain("0123456789", message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(token);
        }
    }

    [Fact]
    public void A_token_is_for_a_port_and_its_file_must_be_there()
    {
        typed["api-token-file"] = ["/nonexistent"];
        Assert.Equal("--api-token-file '/nonexistent': is for --api-listen, which is not given", Assert.Throws<UsageException>(Read).Message);
        typed["api-listen"] = ["127.0.0.1:9453"];
        Assert.Equal("--api-token-file /nonexistent: not found", Assert.Throws<UsageException>(Read).Message);
        typed["api-token-file"] = ["/etc"];
        Assert.Equal("--api-token-file /etc: not found", Assert.Throws<UsageException>(Read).Message);
    }

    [Fact]
    public void Peers_are_probed_unless_it_is_switched_off()
    {
        Assert.True(Read().Probes);
        Write("""{"probes": "off"}""");
        Assert.False(Read().Probes);
        typed["probes"] = ["on"];
        Assert.True(Read().Probes);
        typed["probes"] = ["no"];
        Assert.Equal("--probes 'no': must be on or off", Assert.Throws<UsageException>(Read).Message);
    }

    [Fact]
    public void A_list_is_taken_whole_from_the_first_place_that_has_it()
    {
        Write("""{"iface": ["eth0", "eth1"], "Role": "edge", "seed": ["192.0.2.9"]}""");
        Assert.Equal(["eth0", "eth1"], Read().Interfaces);
        Assert.Equal(["edge"], Read().Roles);
        Assert.Equal("192.0.2.1", Assert.Single(Read().Seeds).Host);
        environment["AKKA_OVERLAY_IFACE"] = "eth2, 192.0.2.1,";
        Assert.Equal(["eth2", "192.0.2.1"], Read().Interfaces);
        typed["iface"] = ["eth3", "eth4"];
        Assert.Equal(["eth3", "eth4"], Read().Interfaces);
    }

    [Fact]
    public void A_run_directory_may_be_said_from_where_one_stands()
    {
        Write("""{"seed": ["192.0.2.9"], "run-dir": "here"}""");
        Assert.Equal(Path.Combine(Environment.CurrentDirectory, "here"), Read().RunDirectory);
        Assert.Equal(Path.Combine(Environment.CurrentDirectory, "here", "subnet.env"), Read().SubnetFile);
    }

    [Fact]
    public void A_switch_needs_no_value_on_the_command_line_and_has_one_elsewhere()
    {
        var spec = RunOptions.Specs.Single(spec => spec.Name == "bootstrap");
        Assert.Equal(["true"], spec.Given([]));
        Assert.Equal(["false"], spec.Given(["false"]));
        Assert.False(Read().Bootstrap);
        Write("""{"bootstrap": true}""");
        Assert.True(Read().Bootstrap);
        environment["AKKA_OVERLAY_BOOTSTRAP"] = "false";
        Assert.False(Read().Bootstrap);
        typed["bootstrap"] = ["true"];
        Assert.True(Read().Bootstrap);
    }

    [Fact]
    public void A_pattern_in_the_environment_is_one_and_may_have_commas()
    {
        environment["AKKA_OVERLAY_IFACE_REGEX"] = "^e(th|n).{1,2}$";
        Assert.Equal("^e(th|n).{1,2}$", Assert.Single(Read().InterfacePatterns).ToString());
        Assert.Matches(Read().InterfacePatterns[0], "eth1");
        Write("""{"iface-regex": ["^a", "^b"]}""");
        environment.Clear();
        Assert.Equal(2, Read().InterfacePatterns.Count);
    }

    [Theory]
    [InlineData("iface-regex", "(eth", "not a regular expression (")]
    [InlineData("iface-regex", "(?=eth)", "not a regular expression (look-around")]
    [InlineData("iface-regex", "", "must not be empty")]
    [InlineData("iface", "", "must not be empty")]
    [InlineData("iface-can-reach", "eth0", "not an IP address")]
    [InlineData("public-ip", "2001:db8::1", "not an IPv4 address")]
    [InlineData("public-ipv6", "192.0.2.1", "not an IPv6 address")]
    [InlineData("port", "70000", "not a port (1 to 65535)")]
    [InlineData("on-exit", "Keep", "must be auto or keep or release")]
    [InlineData("vxlan-layout", "flat", "must be classic or compact")]
    [InlineData("node-name", "a b", "letters, digits")]
    [InlineData("node-name", "-a", "letters, digits, '-' and '_', labels of 1 to 63 characters that neither begin nor end")]
    [InlineData("bootstrap", "yes", "must be true or false")]
    [InlineData("adopt-ledger", "yes", "must be true or false")]
    [InlineData("lease-ttl", "24", "not a duration such as 24h, 90m, 30s or 7d")]
    [InlineData("lease-ttl", "-1h", "not a duration")]
    [InlineData("lease-ttl", "1h30m", "not a duration")]
    [InlineData("lease-ttl", "59s", "too short: at least 1m, or hosts that are only slow would lose their subnets")]
    [InlineData("lease-ttl", "99999999999999999999d", "not a duration")]
    [InlineData("lease-ttl", "9999999999999999999d", "too long: at most 3650d")]
    [InlineData("quarantine", "h", "not a duration")]
    [InlineData("role", "core", "the seed list alone")]
    [InlineData("seed", "10.1", "not HOST, HOST:PORT or [IPv6]:PORT")]
    [InlineData("seed", "10.01.0.1:4053", "not HOST, HOST:PORT or [IPv6]:PORT")]
    [InlineData("seed", "2001:DB8:::4", "not HOST, HOST:PORT or [IPv6]:PORT")]
    [InlineData("seed", "a:b:c", "not HOST, HOST:PORT or [IPv6]:PORT")]
    public void A_bad_value_is_refused_with_its_place(string name, string value, string rule)
    {
        typed[name] = [value];
        Assert.StartsWith($"--{name} '{value}': {rule}", Refusal(), StringComparison.Ordinal);
        typed.Remove(name);
        typed["seed"] = name == "seed" ? [] : ["192.0.2.1"];

        string variable = $"AKKA_OVERLAY_{name.Replace('-', '_').ToUpperInvariant()}";
        environment[variable] = value;
        // An empty variable is one that is not set.
        if (value.Length > 0)
            Assert.StartsWith($"{variable} '{value}': {rule}", Refusal(), StringComparison.Ordinal);
        environment.Clear();

        Write($$"""{"{{name}}": "{{value}}"}""");
        Assert.StartsWith($"{file}, {name} '{value}': {rule}", Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"prot": 4053}""", "unknown option 'prot'")]
    [InlineData("""{"port": 4053, "Port": 4054}""", "'Port' is given twice")]
    [InlineData("""{"port": [4053]}""", ", port: [4053] is not a text or a number")]
    [InlineData("""{"iface": {"a": 1}}""", """, iface: {"a": 1} is not a list of texts""")]
    [InlineData("""{"iface": [["eth0"]]}""", """, iface: ["eth0"] is not a text or a number""")]
    [InlineData("""["port"]""", "not a JSON object")]
    [InlineData("""{"port": 4053,}""", "LineNumber: 0")]
    [InlineData("", "does not contain any JSON")]
    [InlineData("""{"node-name": "\ud800"}""", "half a surrogate pair")]
    [InlineData("""{"\udc00": 1}""", "half a surrogate pair")]
    public void A_bad_file_is_refused_by_name(string content, string expected)
    {
        Write(content);
        string refusal = Refusal();
        Assert.StartsWith(file, refusal, StringComparison.Ordinal);
        Assert.Contains(expected, refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("24h", 24 * 3600)]
    [InlineData("90m", 90 * 60)]
    [InlineData("60s", 60)]
    [InlineData("7d", 7 * 24 * 3600)]
    [InlineData("3650d", 3650L * 24 * 3600)]
    public void A_duration_is_a_number_and_its_unit(string text, long seconds)
    {
        typed["lease-ttl"] = [text];
        typed["quarantine"] = ["0s"];
        Assert.Equal((seconds, TimeSpan.Zero), ((long)Read().LeaseTtl.TotalSeconds, Read().Quarantine));
    }

    [Fact]
    public void Leases_live_a_day_and_their_quarantine_is_an_hour() =>
        Assert.Equal((TimeSpan.FromHours(24), TimeSpan.FromHours(1)), (Read().LeaseTtl, Read().Quarantine));

    [Fact]
    public void A_single_value_given_twice_is_refused()
    {
        typed["public-ip"] = ["192.0.2.1", "192.0.2.2"];
        Assert.Equal("--public-ip: given 2 times, takes one value", Refusal());
    }

    [Fact]
    public void Without_a_file_nothing_is_missed()
    {
        File.Delete(file);
        Assert.Equal(4053, Read().Port);
    }

    private void Write(string content) => File.WriteAllText(file, content);

    private RunOptions Read() => RunOptions.From(OptionSources.Gather(
        RunOptions.Specs, spec => typed.GetValueOrDefault(spec.Name), name => environment.GetValueOrDefault(name), file));

    private string Refusal() => Assert.Throws<UsageException>(Read).Message;
}
