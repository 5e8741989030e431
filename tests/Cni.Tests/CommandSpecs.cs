using System.Text.Json.Nodes;

namespace AkkaOverlay.Cni.Tests;

/// <summary>ADD, DEL, CHECK and VERSION, with a delegate that writes down what it is told.</summary>
public sealed class CommandSpecs : IDisposable
{
    private readonly Desk desk = new();

    [Fact]
    public void Add_passes_on_the_environment_and_the_answer()
    {
        var answer = desk.Call();
        Assert.Equal((0, Desk.Result + "\n"), (answer.Status, answer.Output));
        Assert.Equal(["ADD"], desk.Commands);
        foreach (var (name, value) in desk.Environment)
            Assert.Contains($"{name}={value}", desk.GivenEnvironment("ADD"));
        Assert.Equal("10.244.1.0/24", desk.Given("ADD")["ipam"]!["ranges"]![0]![0]!["subnet"]!.GetValue<string>());
    }

    [Fact]
    public void Add_saves_what_the_delegate_got_for_nobody_else_to_read()
    {
        desk.Call();
        Assert.True(JsonNode.DeepEquals(desk.Given("ADD"), JsonNode.Parse(File.ReadAllText(desk.StateFile))));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(desk.StateFile));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(desk.StateFile)!));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(desk.StateFile)!));
    }

    [Fact]
    public void Del_gives_the_delegate_what_add_gave_it_also_when_the_subnet_is_another_by_now()
    {
        desk.Call();
        File.Delete(desk.SubnetFile);
        desk.Call("DEL").MustBeSilentSuccess();
        Assert.True(JsonNode.DeepEquals(desk.Given("ADD"), desk.Given("DEL")));
        Assert.False(File.Exists(desk.StateFile));
        // And again.
        desk.Call("DEL").MustBeSilentSuccess();
        Assert.Equal(["ADD", "DEL"], desk.Commands);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("""{"cniVersion":"1.0.0","na""")]
    public void Del_without_usable_state_asks_the_delegate_with_what_add_would_give(string? state)
    {
        desk.Call();
        if (state is null)
            File.Delete(desk.StateFile);
        else
            File.WriteAllText(desk.StateFile, state);
        desk.Call("DEL").MustBeSilentSuccess();
        Assert.True(JsonNode.DeepEquals(desk.Given("ADD"), desk.Given("DEL")));
        Assert.False(File.Exists(desk.StateFile));
    }

    [Fact]
    public void Del_succeeds_where_nothing_is_left()
    {
        File.Delete(desk.SubnetFile);
        File.Delete(Path.Combine(desk.PluginDirectory, "bridge"));
        desk.Environment.Remove("CNI_NETNS");
        desk.Call("DEL").MustBeSilentSuccess();
    }

    /// <summary>The runtime calls again: the address must not be forgotten.</summary>
    [Fact]
    public void Del_that_the_delegate_refuses_keeps_the_state()
    {
        desk.Call();
        desk.Fake("bridge", """echo '{"cniVersion":"1.0.0","code":11,"msg":"busy"}'; exit 1""");
        Assert.Equal(11, desk.Call("DEL").Code);
        Assert.True(File.Exists(desk.StateFile));
    }

    [Fact]
    public void Check_gives_the_delegate_its_configuration_and_the_result()
    {
        desk.Call();
        desk.Conf["prevResult"] = JsonNode.Parse(Desk.Result);
        desk.Call("CHECK").MustBeSilentSuccess();
        var expected = desk.Given("ADD");
        expected["prevResult"] = JsonNode.Parse(Desk.Result);
        Assert.True(JsonNode.DeepEquals(expected, desk.Given("CHECK")));
        desk.Fake("bridge", """echo '{"cniVersion":"1.0.0","code":104,"msg":"no address"}'; exit 1""");
        Assert.Equal(104, desk.Call("CHECK").Code);
    }

    [Fact]
    public void Check_of_a_container_that_was_never_added_fails()
    {
        desk.Conf["prevResult"] = JsonNode.Parse(Desk.Result);
        Assert.Equal(3, desk.Call("CHECK").Code);
        Assert.Empty(desk.Commands);
    }

    [Fact]
    public void Check_without_a_result_to_compare_with_fails()
    {
        desk.Call();
        Assert.Equal(7, desk.Call("CHECK").Code);
    }

    [Fact]
    public void Two_devices_of_one_container_are_two_attachments()
    {
        desk.Call();
        desk.Environment["CNI_IFNAME"] = "eth1";
        desk.Call();
        desk.Call("DEL").MustBeSilentSuccess();
        Assert.True(File.Exists(desk.StateFile));
    }

    [Theory]
    [InlineData("", "1.1.0")]
    [InlineData("rubbish", "1.1.0")]
    [InlineData("""{"cniVersion":"0.4.0"}""", "0.4.0")]
    [InlineData("""{"cniVersion":"7.0.0"}""", "1.1.0")]
    public void Version_tells_what_is_spoken_whatever_is_asked(string input, string version)
    {
        desk.Environment.Remove("CNI_PATH");
        var answer = desk.CallWith(System.Text.Encoding.UTF8.GetBytes(input), "VERSION");
        Assert.Equal(0, answer.Status);
        Assert.Equal($$"""{"cniVersion":"{{version}}","supportedVersions":["0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}""" + "\n", answer.Output);
    }

    public void Dispose() => desk.Dispose();
}
