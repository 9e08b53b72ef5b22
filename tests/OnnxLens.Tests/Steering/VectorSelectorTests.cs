using OnnxLens.Bundles;
using OnnxLens.Runtime;
using OnnxLens.Steering;

namespace OnnxLens.Tests.Steering;

[TestClass]
public sealed class VectorSelectorTests : IDisposable
{
    private readonly VectorFiles _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    [DataRow("v.safetensors", "v.safetensors", null, null, 1.0)]
    [DataRow("v.safetensors@mlp_in", "v.safetensors", Site.MlpIn, null, 1.0)]
    [DataRow("v.safetensors@mlp_in.3", "v.safetensors", Site.MlpIn, "3", 1.0)]
    [DataRow("v.safetensors@resid_post.2-5,7*-2", "v.safetensors", Site.ResidPost, "2-5,7", -2.0)]
    [DataRow("v.gguf*1.5", "v.gguf", null, null, 1.5)]
    [DataRow("v.gguf*+1e-3", "v.gguf", null, null, 1e-3)]
    [DataRow("v.gguf*.5", "v.gguf", null, null, 0.5)]
    [DataRow("v.gguf*0", "v.gguf", null, null, 0.0)]
    [DataRow("runs/a@b/v.safetensors*0.5", "runs/a@b/v.safetensors", null, null, 0.5)]
    [DataRow("runs/a*2/v.safetensors", "runs/a*2/v.safetensors", null, null, 1.0)]
    [DataRow("runs/a*2/v.npz@mlp_in*3", "runs/a*2/v.npz", Site.MlpIn, null, 3.0)]
    [DataRow(@"C:\runs@x\v.npz", @"C:\runs@x\v.npz", null, null, 1.0)]
    [DataRow(@"C:\x*2", @"C:\x", null, null, 2.0)]
    [DataRow("a@b.gguf", "a@b.gguf", null, null, 1.0)]
    [DataRow("a*b.gguf", "a*b.gguf", null, null, 1.0)]
    [DataRow("a*b.gguf@mlp_in.3", "a*b.gguf", Site.MlpIn, "3", 1.0)]
    [DataRow("a@b.gguf@mlp_in.3*2", "a@b.gguf", Site.MlpIn, "3", 2.0)]
    [DataRow("odd@mlp_in.3@attn_in.4", "odd@mlp_in.3", Site.AttnIn, "4", 1.0)]
    [DataRow("odd*2*1", "odd*2", null, null, 1.0)]
    public void Parse_Notation_ReadsFromTheRight(string text, string path, Site? site, string? layers, double scale)
    {
        var selector = VectorSelector.Parse(text);

        Assert.AreEqual(path, selector.Path);
        Assert.AreEqual(site, selector.Site);
        Assert.AreEqual(layers, selector.Layers);
        Assert.AreEqual(new VectorStrength(scale, SteeringUnit.Raw), selector.Strength);
        Assert.AreEqual(text, selector.Text);
    }

    [TestMethod]
    [DataRow("v.npz*10%", 0.1)]
    [DataRow("v.npz@mlp_in.3*-250%", -2.5)]
    public void Parse_Percent_IsAFraction(string text, double value) =>
        Assert.AreEqual(new VectorStrength(value, SteeringUnit.ActivationNorm), VectorSelector.Parse(text).Strength);

    [TestMethod]
    [DataRow("v.npz*", "'' is no strength")]
    [DataRow("v.npz*%", "'%' is no strength")]
    [DataRow("v.npz*NaN", "'NaN' is no strength")]
    [DataRow("v.npz*Infinity", "'Infinity' is no strength")]
    [DataRow("v.npz*-∞", "is no strength")]
    [DataRow("v.npz*1e999", "'1e999' is no strength")]
    [DataRow("v.npz*1,5", "'1,5' is no strength")]
    [DataRow("v.npz* 2", "' 2' is no strength")]
    [DataRow("v.npz*two", "'two' is no strength")]
    [DataRow("v.npz*0.5x", "'0.5x' is no strength")]
    [DataRow("v.npz@", "Unknown site ''")]
    [DataRow("v.npz@nowhere", "Unknown site 'nowhere'")]
    [DataRow("v.npz@nowhere.3", "Unknown site 'nowhere'")]
    [DataRow("v.npz@mlp_in.", "'' in 'v.npz@mlp_in.' selects no layers")]
    [DataRow("v.npz@mlp_in.x", "'x' in 'v.npz@mlp_in.x' selects no layers")]
    [DataRow("v.npz@mlp_in.-1", "'-1' in")]
    [DataRow("v.npz@mlp_in.1,,2", "'1,,2' in")]
    [DataRow("", "names no file")]
    [DataRow("@mlp_in.3", "names no file")]
    [DataRow("*2", "names no file")]
    public void Parse_WrongForm_SaysWhat(string text, string what) =>
        Assert.Contains(what, Assert.ThrowsExactly<SelectionException>(() => VectorSelector.Parse(text)).Message);

    [TestMethod]
    public void ToString_Strength_ReadsBack()
    {
        foreach (string text in new[] { "1.5", "-2", "12.5%", "1E-05" })
        {
            Assert.AreEqual(text, VectorStrength.Parse(text).ToString());
        }
    }

    [TestMethod]
    public void Resolve_Selections_GiveTheirDirections()
    {
        string path = _files["v.safetensors"];
        VectorFile.Write(path, [VectorFiles.Vector(Site.MlpIn, (0, [1]), (1, [2]), (2, [3]), (4, [5])), VectorFiles.Vector(Site.AttnIn, (3, [4]))]);
        ModelFacts facts = VectorFiles.Facts(5, 1);

        Assert.AreSequenceEqual(["mlp_in.0", "mlp_in.1", "mlp_in.2", "mlp_in.4"], Points(path + "@mlp_in", facts));
        Assert.AreSequenceEqual(["mlp_in.0", "mlp_in.1", "mlp_in.4"], Points(path + "@mlp_in.4,0-1,1", facts));
        SelectedDirection one = VectorSelector.Parse(path + "@attn_in*-2").Resolve(facts).Single();
        Assert.AreEqual("attn_in.3", one.Point.ToString());
        Assert.AreSequenceEqual([4f], one.Values.ToArray());
        Assert.AreEqual(new VectorStrength(-2, SteeringUnit.Raw), one.Strength);
        Assert.AreEqual(VectorFile.Read(path).At(Site.AttnIn).Hash, one.Source.Hash);
    }

    [TestMethod]
    public void Resolve_OneSite_NeedsNoName()
    {
        VectorFile.Write(_files["v.safetensors"], [VectorFiles.Vector(Site.MlpIn, (0, [1]), (3, [2]))]);

        Assert.AreSequenceEqual(["mlp_in.0", "mlp_in.3"], Points(_files["v.safetensors"], VectorFiles.Facts(4, 1)));
        VectorFile.Write(_files["v.safetensors"], [VectorFiles.Vector(Site.MlpIn, (int.MaxValue, [1]))]);
        Assert.HasCount(1, VectorSelector.Parse($"{_files["v.safetensors"]}@mlp_in.{int.MaxValue}").Select(VectorFile.Read(_files["v.safetensors"]))[0].Layers);
    }

    [TestMethod]
    public void Resolve_WhatTheFileOrModelDoesNotHave_IsRefused()
    {
        string path = _files["v.safetensors"];
        VectorFile.Write(path, [VectorFiles.Vector(Site.MlpIn, (0, [1]), (2, [3])), VectorFiles.Vector(Site.AttnIn, (3, [4]))]);
        ModelFacts facts = VectorFiles.Facts(4, 1);

        AssertRefused(path, facts, "has vectors at several sites: attn_in, mlp_in");
        AssertRefused(path + "@mlp_out", facts, "no vector at site 'mlp_out'. It has: attn_in, mlp_in");
        AssertRefused(path + "@mlp_in.1", facts, "no vector at 'mlp_in.1'. It has the layers 0, 2");
        AssertRefused(path + "@mlp_in.0-2", facts, "no vector at 'mlp_in.1'");
        AssertRefused(path + "@mlp_in.0-99999999999999999999", facts, "no vector at 'mlp_in.99999999999999999999'");
        AssertRefused(path + "@mlp_in.2-0", facts, "'2-0' of layers in");
        AssertRefused(path + "@mlp_in.0", VectorFiles.Facts(4, 8), "has 1 values per layer, but the model's hidden size is 8");
        AssertRefused(path + "@attn_in", VectorFiles.Facts(3, 1), "'attn_in.3', but the model has layers 0 to 2");
    }

    private static string[] Points(string text, ModelFacts facts) => [.. VectorSelector.Parse(text).Resolve(facts).Select(direction => direction.Point.ToString())];

    private static void AssertRefused(string text, ModelFacts facts, string what) =>
        Assert.Contains(what, Assert.ThrowsExactly<SelectionException>(() => VectorSelector.Parse(text).Resolve(facts)).Message);
}
