using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Export.Instrument.Finding;
using OnnxLens.Export.Instrument.Folders;

namespace OnnxLens.Export.Tests.Instrument;

[TestClass]
public sealed class AnatomyTests
{
    public static IEnumerable<object[]> Folders => OnnxExports.Names.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Folders))]
    public void Find_OfAnyExporter_FindsTheValuesOfEverySite(string name)
    {
        OnnxFolder folder = OnnxFolderReader.Read(OnnxExports.Folder(name));
        Anatomy anatomy = AnatomyFinder.Find(folder.Model);
        JsonElement points = OnnxExports.Facts(name).GetProperty("points");
        foreach ((HookPoint point, string value) in anatomy.Sites())
        {
            // The last sum of some exports has no name; the golden points to the norm behind it.
            if (points.TryGetProperty(point.ToString(), out JsonElement expected) && !expected.GetString()!.EndsWith("::sum", StringComparison.Ordinal))
            {
                Assert.AreEqual(anatomy.Flow.Behind(expected.GetString()!), anatomy.Flow.Behind(value), point.ToString());
            }
            else
            {
                Assert.AreEqual(new HookPoint(Site.ResidPost, anatomy.Layers - 1), point);
            }
        }

        Assert.AreEqual((int)OnnxExports.Facts(name).GetProperty("stream").GetProperty("layers_found").GetDouble(), anatomy.Layers);
    }

    [TestMethod]
    [DynamicData(nameof(Folders))]
    public void Facts_OfAnyExporter_AreThoseOfTheCheckpoint(string name)
    {
        OnnxFolder folder = OnnxFolderReader.Read(OnnxExports.Folder(name));
        Anatomy anatomy = AnatomyFinder.Find(folder.Model);
        ModelFacts expected = OnnxLens.Testing.GoldenCases.Require(OnnxExports.Facts(name).GetProperty("checkpoint").GetString()!).Checkpoint.Architecture.Facts;
        (ModelFacts facts, CacheForm cache) = new FactsFinder(anatomy, folder).Find(null, expected.Heads);
        Assert.AreEqual(expected.HiddenSize, facts.HiddenSize);
        Assert.AreEqual(expected.Layers, facts.Layers);
        Assert.AreEqual(expected.VocabularySize, facts.VocabularySize);
        Assert.AreEqual(expected.IntermediateSize, facts.IntermediateSize);
        Assert.AreEqual(expected.KvHeads, facts.KvHeads);
        Assert.AreEqual(expected.HeadDim, facts.HeadDim);
        Assert.AreEqual(name.StartsWith("torch", StringComparison.Ordinal), cache.Kind == CacheKind.None);
    }
}
