using OnnxLens.Bundles;
using OnnxLens.Lens;

namespace OnnxLens.Tests.Lens;

[TestClass]
public sealed class SelectionTests
{
    [TestMethod]
    [DataRow("all", new[] { 0, 1, 2, 3, 4, 5 })]
    [DataRow("0", new[] { 0 })]
    [DataRow("0,4-5", new[] { 0, 4, 5 })]
    [DataRow("-1", new[] { 5 })]
    [DataRow("-3--1", new[] { 3, 4, 5 })]
    [DataRow("2--2", new[] { 2, 3, 4 })]
    [DataRow(" 3 , 1 , 3 ", new[] { 1, 3 })]
    [DataRow("5-5", new[] { 5 })]
    public void Layers_Text_AreThose(string text, int[] expected) =>
        Assert.AreSequenceEqual(expected, LayerSelection.Resolve(text, 6).ToArray());

    [TestMethod]
    [DataRow("6", "layers are 0 to 5")]
    [DataRow("-7", "-1 to -6")]
    [DataRow("4-2", "backwards")]
    [DataRow("", "selects no layers")]
    [DataRow("a", "selects no layers")]
    [DataRow("1,,2", "selects no layers")]
    [DataRow("1;2", "selects no layers")]
    [DataRow("99999999999999999999", "There is no layer")]
    public void Layers_Wrong_SaysWhatThereIs(string text, string expected) =>
        Assert.Contains(expected, Assert.ThrowsExactly<SelectionException>(() => LayerSelection.Resolve(text, 6)).Message);

    [TestMethod]
    [DataRow("all", new[] { 0, 1, 2, 3, 4 })]
    [DataRow("last", new[] { 4 })]
    [DataRow("prompt", new[] { 0, 1, 2 })]
    [DataRow("generated", new[] { 3, 4 })]
    [DataRow("0,last", new[] { 0, 4 })]
    [DataRow("prompt,-1", new[] { 0, 1, 2, 4 })]
    public void Positions_Text_AreThose(string text, int[] expected) =>
        Assert.AreSequenceEqual(expected, PositionSelection.Parse(text).Resolve(3, 5).ToArray());

    [TestMethod]
    public void Positions_PromptCutShort_AreThoseThatWereRun() =>
        Assert.AreSequenceEqual(new[] { 0, 1 }, PositionSelection.Parse("prompt").Resolve(5, 2).ToArray());

    [TestMethod]
    [DataRow("first")]
    [DataRow("")]
    [DataRow("1-")]
    [DataRow("all,x")]
    public void Positions_NoForm_IsRefusedBeforeAnythingRuns(string text) =>
        Assert.ThrowsExactly<SelectionException>(() => PositionSelection.Parse(text));

    [TestMethod]
    [DataRow("5")]
    [DataRow("-6")]
    public void Positions_NotRun_AreRefused(string text) =>
        Assert.ThrowsExactly<SelectionException>(() => PositionSelection.Parse(text).Resolve(3, 5));

    [TestMethod]
    public void Positions_GeneratedWithoutAny_AreRefused() =>
        Assert.Contains("no position", Assert.ThrowsExactly<SelectionException>(() => PositionSelection.Parse("generated").Resolve(3, 3)).Message);

    [TestMethod]
    public void Sites_Names_AreInForwardOrder() =>
        Assert.AreSequenceEqual(new[] { Site.AttnOut, Site.ResidPost }, SiteSelection.Parse("resid_post, attn_out").ToArray());

    [TestMethod]
    public void Sites_Unknown_ListsThoseThereAre()
    {
        string message = Assert.ThrowsExactly<SelectionException>(() => SiteSelection.Parse("resid_post,logits")).Message;
        Assert.Contains("'logits'", message);
        Assert.Contains("mlp_out", message);
    }

    [TestMethod]
    public void HookPoint_EveryOne_RoundTrips()
    {
        foreach (Site site in Sites.All)
        {
            Assert.AreEqual(new HookPoint(site, 12), HookPoint.Parse(new HookPoint(site, 12).ToString()));
        }
    }

    [TestMethod]
    [DataRow("mlp_in")]
    [DataRow("mlp_in.")]
    [DataRow("mlp_in.x")]
    [DataRow("mlp_in.-1")]
    [DataRow("mlp.3")]
    [DataRow("")]
    public void HookPoint_NoForm_IsRefused(string text) =>
        Assert.ThrowsExactly<SelectionException>(() => HookPoint.Parse(text));
}
