using System.Text.Json;

namespace AkkaOverlay.Actors.Network;

/// <summary>Back end <c>aws-vpc</c>: one route per host in the route tables of an Amazon VPC.</summary>
public sealed record AwsVpcConfig() : BackEndConfig(TypeName)
{
    public const string TypeName = "aws-vpc";

    private const string Rule = "must be the ID of a route table such as \"rtb-0a1b2c3d\", or a list of IDs";

    /// <summary>Route tables to write to, ascending and distinct. Empty: those that the instance's own subnet uses.</summary>
    public EquatableArray<string> RouteTableIds { get; init; }

    internal static AwsVpcConfig Read(JsonFields options)
    {
        if (!options.Find("RouteTableID", out var value))
            return new AwsVpcConfig();
        IEnumerable<JsonElement> given = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [value];
        string[] ids = [.. given.Select(id => options.Text("RouteTableID", id, Rule))];
        if (value.ValueKind == JsonValueKind.String && ids[0].Length == 0)
            return new AwsVpcConfig();
        if (ids.Any(id => id.Length == 0 || id.Any(char.IsWhiteSpace)))
            throw options.Refuse("RouteTableID", value, Rule);
        return new AwsVpcConfig { RouteTableIds = [.. ids.Distinct().Order(StringComparer.Ordinal)] };
    }

    internal override void Write(OptionWriter options) => options.List("RouteTableID", RouteTableIds);
}
