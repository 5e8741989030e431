using System.Text;
using System.Text.RegularExpressions;
using AkkaOverlay.Node.Page;

namespace AkkaOverlay.Node.Tests.Page;

/// <summary>What the page's own files may not hold.</summary>
public sealed class PageFilesSpecs
{
    /// <summary>Not a place but a name (Namespaces in XML 1.0).</summary>
    private const string SvgNamespace = "http://www.w3.org/2000/svg";

    public static TheoryData<string> Names => [.. PageFiles.All.Keys.Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_file_of_the_folder_is_in_the_executable()
    {
        string folder = Path.GetDirectoryName(Repository.File("src/Node/Page/Web/index.html"))!;
        Assert.Equal(Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal), PageFiles.All.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_is_fetched_from_elsewhere(string name) =>
        Assert.DoesNotMatch(@"(?i)https?:|//[a-z0-9-]+\.[a-z]|@import|url\(", TextOf(name).Replace(SvgNamespace, "", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void No_text_becomes_markup_or_code(string name) =>
        Assert.DoesNotMatch(@"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|setHTML|srcdoc|\beval\b|new Function|javascript:", TextOf(name));

    [Fact]
    public void The_page_has_no_script_and_no_style_of_its_own_between_its_lines()
    {
        string index = TextOf(PageFiles.Index);
        Assert.DoesNotMatch(@"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", index);
        Assert.All(Regex.Matches(index, "(?:src|href)=\"page/([^\"]+)\"").Select(match => match.Groups[1].Value), file => Assert.Contains(file, PageFiles.All.Keys));
    }

    [Fact]
    public void What_a_module_imports_is_there() =>
        Assert.All(
            PageFiles.All.Keys.Where(name => name.EndsWith(".js", StringComparison.Ordinal)).SelectMany(name => Regex.Matches(TextOf(name), @"from '\./([^']+)'").Select(match => match.Groups[1].Value)),
            file => Assert.Contains(file, PageFiles.All.Keys));

    private static string TextOf(string name) => Encoding.UTF8.GetString(PageFiles.All[name].Content);
}
