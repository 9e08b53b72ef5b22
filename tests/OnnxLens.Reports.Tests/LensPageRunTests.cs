using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using OnnxLens.Bundles;
using OnnxLens.Reports.Pages;

namespace OnnxLens.Reports.Tests;

/// <summary>The lens of an earlier page is taken as it is, or refused with a reason.</summary>
[TestClass]
public sealed class LensPageRunTests : IDisposable
{
    private const string Opening = "<script type=\"application/vnd.onnxlens.run\">";

    private readonly TestFolder _folder = new();

    private string Page => _folder["page.html"];

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Write_BesideTheFileItself_HoldsBothRunsInOrder()
    {
        LensPage.Write(Page, Samples.Report(2));
        string first = PageContent.Texts(File.ReadAllText(Page)).Single();
        LensPage.Write(Page, Samples.Report(6), LensPageRun.Read(Page));
        string[] both = PageContent.Texts(File.ReadAllText(Page));
        Assert.HasCount(2, both);
        Assert.AreEqual(first, both[1]);
        Assert.AreSequenceEqual([6], PageContent.Of(both[0]).Array<int>("targets"));

        LensPage.Write(_folder["third.html"], Samples.Report(), LensPageRun.Read(Page));
        Assert.AreEqual(both[0], PageContent.Texts(File.ReadAllText(_folder["third.html"]))[1]);
    }

    [TestMethod]
    public void Shares_CellsOfBoth_AreNeeded()
    {
        LensPage.Write(Page, Samples.Report());
        var run = LensPageRun.Read(Page);
        Assert.IsTrue(run.Shares([new(Site.MlpOut, 1)], [7]));
        Assert.IsFalse(run.Shares([new(Site.MlpOut, 0)], [7]));
        Assert.IsFalse(run.Shares([new(Site.ResidPre, 1)], [7]));
        Assert.IsFalse(run.Shares([new(Site.MlpOut, 1)], [6]));
    }

    [TestMethod]
    public void Write_BesideWithoutACommonCell_IsTheCallersMistake()
    {
        LensPage.Write(Page, Samples.Report());
        LensReport other = new PageFixtures.FixtureLens { Layers = 2, Sites = [Site.AttnIn] }.Make();
        Assert.ThrowsExactly<ArgumentException>(() => LensPage.Write(_folder["other.html"], other, LensPageRun.Read(Page)));
        Assert.IsFalse(File.Exists(_folder["other.html"]));
    }

    [TestMethod]
    [DataRow("", "cannot be read: 'page.html' is empty")]
    [DataRow("<!doctype html><script>1</script>", "is no page that onnxlens wrote")]
    [DataRow(Opening + "H4sIAAAA", "is cut off within its run")]
    [DataRow(Opening + "</script>", "is damaged")]
    [DataRow(Opening + "*?</script>", "is damaged: it is not base64")]
    [DataRow(Opening + "AAAAAAAA</script>", "is damaged")]
    [DataRow(Opening + "H4sIAAAAAAAAAw==</script>", "is damaged")]
    public void Read_NoRun_IsRefused(string content, string reason)
    {
        File.WriteAllText(Page, content);
        AssertRefused(reason);
    }

    [TestMethod]
    public void Read_NoFile_IsRefused()
    {
        AssertRefused("cannot be read: Could not find file");
        Directory.CreateDirectory(Page);
        AssertRefused("is a folder, where a file was expected. Give a page");
    }

    [TestMethod]
    [DataRow("\"kind\":\"lens\"", "\"kind\":\"sweep\"", "holds a run of the kind 'sweep'; only a lens can stand beside a lens")]
    [DataRow("\"format\":1", "\"format\":2", "has the form 2; this program reads 1")]
    [DataRow("\"format\":1", "\"format\":1.5", "is damaged")]
    [DataRow("\"kind\":\"lens\",", "", "is damaged")]
    [DataRow("{\"kind\"", "[\"kind\"", "is damaged")]
    [DataRow("\"top_k\":3", "\"top_k\":4", "its array 'top_ids' has 27 numbers of the type i32, not 36 of i32")]
    [DataRow("\"name\":\"entropy\",\"type\":\"f32\"", "\"name\":\"entropy\",\"type\":\"i32\"", "its array 'entropy' has 9 numbers of the type i32")]
    [DataRow("\"name\":\"entropy\",\"type\":\"f32\"", "\"name\":\"entropy\",\"type\":\"f16\"", "its array 'entropy' has no known form")]
    [DataRow("\"name\":\"entropy\"", "\"name\":\"top_ids\"", "is damaged")]
    [DataRow("\"name\":\"entropy\"", "\"name\":\"other\"", "is damaged")]
    [DataRow("\"name\":\"entropy\",\"type\":\"f32\",\"length\":9", "\"name\":\"entropy\",\"type\":\"f32\",\"length\":-9", "no known form")]
    [DataRow("\"provenance\":{", "\"provenance\":null,\"was\":{", "its 'provenance' is no object")]
    [DataRow("\"provenance\":{", "\"was\":{", "is damaged")]
    [DataRow("\"texts\":{", "\"was\":{", "is damaged")]
    [DataRow("\"texts\":{", "\"texts\":{\"9\":9,", "one of its 'texts' is no text")]
    [DataRow("\"tokens\":[", "\"tokens\":null,\"was\":[", "is damaged")]
    [DataRow("{\"id\":2,\"phase\":\"prompt\"}", "null", "is damaged")]
    [DataRow("{\"id\":2,", "{\"id\":9,", "its token 9 has no text")]
    [DataRow("\"phase\":\"generated\"", "\"phase\":\"other\"", "the phase of its token 5 is neither prompt nor generated")]
    public void Read_OtherHeader_IsRefused(string there, string instead, string reason)
    {
        LensPage.Write(Page, Samples.Report());
        Change(text => PageContent.WithHeader(text, json => json.Replace(there, instead, StringComparison.Ordinal)));
        AssertRefused(reason);
    }

    [TestMethod]
    [DataRow(new[] { 0, 3, 3 }, 3)]
    [DataRow(new[] { 3, 0, 7 }, 0)]
    [DataRow(new[] { -1, 3, 7 }, -1)]
    [DataRow(new[] { 0, 3, 8 }, 8)]
    public void Read_PositionsOfNoTokensOrNotAscending_IsRefused(int[] positions, int refused)
    {
        LensPage.Write(Page, Samples.Report());
        Change(text =>
        {
            byte[] bytes = PageContent.Unpack(text);
            MemoryMarshal.AsBytes(positions.AsSpan()).CopyTo(bytes.AsSpan((4 + MemoryMarshal.Read<int>(bytes) + 7) / 8 * 8));
            return PageContent.Pack(bytes);
        });
        AssertRefused($"its position {refused} is not above the one before it and below 8, the number of its tokens");
    }

    [TestMethod]
    public void Read_BytesMissingOrTooMany_IsRefused()
    {
        LensPage.Write(Page, Samples.Report());
        string whole = PageContent.Texts(File.ReadAllText(Page)).Single();
        byte[] bytes = PageContent.Unpack(whole);
        foreach (byte[] other in new byte[][] { [.. bytes, 0], bytes[..^1], bytes[..100], bytes[..3], [255, 255, 255, 255, .. bytes[4..]], [255, 255, 255, 0, .. bytes[4..]] })
        {
            Change(_ => PageContent.Pack(other));
            AssertRefused("is damaged");
        }

        Change(_ => whole[..^40]);
        AssertRefused("is damaged");
        char[] changed = whole.ToCharArray();
        changed[changed.Length / 2] = changed[changed.Length / 2] == 'A' ? 'B' : 'A';
        Change(_ => new string(changed));
        AssertRefused("is damaged");
        Change(_ => whole);
        LensPageRun.Read(Page);
    }

    [TestMethod]
    public void Read_HugeFile_IsRefusedWithoutReadingIt()
    {
        using (FileStream stream = File.Create(Page))
            stream.SetLength(1L << 34);
        AssertRefused("is no page that onnxlens wrote");
        using (FileStream stream = File.OpenWrite(Page))
            stream.Write(Encoding.ASCII.GetBytes(Opening));
        AssertRefused("has more than 448 MiB");
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Read_Pipe_IsRefused()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        PageException refusal = Assert.ThrowsExactly<PageException>(() => LensPageRun.Read($"/dev/fd/{pipe.GetClientHandleAsString()}"));
        Assert.Contains("it is a pipe or a device in place of a file", refusal.Message);
    }

    private void Change(Func<string, string> change)
    {
        string html = File.ReadAllText(Page);
        string text = PageContent.Texts(html).Single();
        File.WriteAllText(Page, html.Replace(text, change(text), StringComparison.Ordinal));
    }

    private void AssertRefused(string reason)
    {
        PageException refusal = Assert.ThrowsExactly<PageException>(() => LensPageRun.Read(Page));
        Assert.Contains(reason, refusal.Message);
        Assert.Contains(Page, refusal.Message);
    }
}
