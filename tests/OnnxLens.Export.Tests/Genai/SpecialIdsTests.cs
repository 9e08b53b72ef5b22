using OnnxLens.Export.Genai;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Genai;

/// <summary>Ids of the configuration come from the configs of the source, and pad always has one.</summary>
[TestClass]
public sealed class SpecialIdsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow("""{"bos_token_id": 1, "pad_token_id": 3}""", null, 1, 3)]
    [DataRow("""{"bos_token_id": 1, "pad_token_id": -1}""", null, 1, 7)]
    [DataRow("""{"bos_token_id": null, "pad_token_id": null}""", """{"bos_token_id": 4}""", 4, 7)]
    [DataRow("""{"bos_token_id": 1}""", """{"bos_token_id": 2, "pad_token_id": 5}""", 2, 5)]
    [DataRow("{}", null, 9, 7)]
    public void Read_Configs_GiveTheirIds(string config, string? generation, int bos, int pad)
    {
        File.WriteAllText(_folder["config.json"], config);
        if (generation is not null) File.WriteAllText(_folder["generation_config.json"], generation);
        SpecialIds ids = SpecialIds.Read(_folder.Path, [7, 8], vocabularySize: 10, bosOfTokenizer: 9);
        Assert.AreEqual(bos, ids.Bos);
        Assert.AreEqual(pad, ids.Pad);
        Assert.AreSequenceEqual(new[] { 7, 8 }, ids.Eos.ToArray());
        Assert.IsNull(ids.Note);
    }

    [TestMethod]
    public void Read_NoEnd_IsSaid()
    {
        SpecialIds ids = SpecialIds.Read(_folder.Path, [], vocabularySize: 10, bosOfTokenizer: null);
        Assert.AreSequenceEqual(new[] { 0 }, ids.Eos.ToArray());
        Assert.IsNull(ids.Bos);
        Assert.Contains("takes 0", ids.Note!);
    }
}
