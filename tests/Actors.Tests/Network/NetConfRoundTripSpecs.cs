using System.Text;
using AkkaOverlay.Actors.Network;
using CsCheck;

namespace AkkaOverlay.Actors.Tests.Network;

public class NetConfRoundTripSpecs
{
    [Fact]
    public void Parsing_what_was_written_gives_the_configuration_back() => NetworkConfigGen.Any.Sample(config =>
    {
        string text = NetConf.ToFlannelJson(config);
        var again = NetConf.Parse(text, out var warnings);
        return again == config && again.GetHashCode() == config.GetHashCode() && warnings.IsEmpty && NetConf.ToFlannelJson(again) == text;
    });

    [Fact]
    public void Indentation_changes_nothing() => NetworkConfigGen.Any.Sample(config =>
        NetConf.Fingerprint(NetConf.Parse(NetConf.ToFlannelJson(config, indented: true))) == NetConf.Fingerprint(config));

    [Fact]
    public void Configurations_are_equal_when_their_fingerprints_are() => Gen.Select(NetworkConfigGen.Any, NetworkConfigGen.Any)
        .Sample((left, right) => left == right == (NetConf.Fingerprint(left) == NetConf.Fingerprint(right)));

    [Fact]
    public void A_mutated_file_is_read_or_refused_and_nothing_else() =>
        Gen.Select(NetworkConfigGen.Any, Mutations).Sample(ReadsOrRefuses, iter: 2000);

    [Fact]
    public void Any_text_is_read_or_refused_and_nothing_else() => Gen.String.Sample(text =>
    {
        try
        {
            NetConf.Parse(text);
        }
        catch (NetConfException refused)
        {
            Assert.DoesNotContain(refused.Message, (Predicate<char>)char.IsControl);
        }
    });

    private static bool ReadsOrRefuses(NetworkConfig config, (int Place, int Kind, char With)[] mutations)
    {
        var text = new StringBuilder(NetConf.ToFlannelJson(config));
        foreach (var (place, kind, with) in mutations)
            Mutate(text, place % (text.Length + 1), kind, with);
        try
        {
            var read = NetConf.Parse(text.ToString());
            return NetConf.Parse(NetConf.ToFlannelJson(read)) == read;
        }
        catch (NetConfException refused)
        {
            return refused.Message.Length < 500 && !refused.Message.Any(char.IsControl);
        }
    }

    private static Gen<(int Place, int Kind, char With)[]> Mutations =>
        Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, 3], Gen.OneOf(Gen.Char["{}[]\",:0123456789.-/ \\untrefals"], Gen.Char)).Array[1, 6];

    private static void Mutate(StringBuilder text, int place, int kind, char with)
    {
        if (kind == 0)
            text.Insert(place, with);
        else if (kind == 1 && place < text.Length)
            text[place] = with;
        else if (kind == 2 && place < text.Length)
            text.Remove(place, Math.Min(with % 20, text.Length - place));
        else if (kind == 3)
            text.Insert(place, text.ToString(place / 2, Math.Min(with % 60, text.Length - (place / 2))));
    }
}
