using System.Text.Json.Nodes;

namespace AkkaOverlay.Cni.Tests;

/// <summary>How a call of the plugin ended.</summary>
internal sealed record Answer(int Status, string Output, string Log)
{
    public JsonObject Json => JsonNode.Parse(Output)!.AsObject();

    /// <summary>The code of an error that is right in form; fails where it is something else.</summary>
    public int Code
    {
        get
        {
            Assert.Equal(1, Status);
            Assert.Contains(Json["cniVersion"]!.GetValue<string>(), CniVersion.Supported);
            Assert.NotEmpty(Json["msg"]!.GetValue<string>());
            return Json["code"]!.GetValue<int>();
        }
    }

    public string Message => $"{Json["msg"]} {Json["details"]}";

    public override string ToString() => $"exit {Status}\nstdout: {Output}\nstderr: {Log}";

    public void MustBeSilentSuccess() => Assert.True(Status == 0 && Output.Length == 0, ToString());
}
