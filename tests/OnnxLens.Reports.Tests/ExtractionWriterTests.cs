using System.Collections.Immutable;
using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Eval.Extraction;
using OnnxLens.Reports.Extraction;

namespace OnnxLens.Reports.Tests;

[TestClass]
public sealed class ExtractionWriterTests : IDisposable
{
    private static readonly ImmutableArray<ExtractionQuality> Qualities =
    [
        new(new HookPoint(Site.MlpIn, 3), 40, 1.5, 0.1, 0.875, 0.75, 8, 0.25, 2.5, []),
        new(new HookPoint(Site.ResidPost, 11), 1, 1e-7, 1, null, null, 0, null, null, ["Norm is \"small\".", "One pair, no more."]),
    ];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Write_CsvUnderAnyCulture_GivesExactlyThisTable()
    {
        SweepSamples.UnderCommas(() => ExtractionCsvWriter.Write(_folder["extraction.csv"], Qualities));

        Assert.AreEqual(
            "site,layer,pairs,norm,agreement,held_out_pairs,held_out_auc,held_out_accuracy,letter_norm,singular_ratio,warnings\n"
            + "mlp_in,3,40,1.5,0.1,8,0.875,0.75,0.25,2.5,\n"
            + "resid_post,11,1,1E-07,1,0,,,,,\"Norm is \"\"small\"\". One pair, no more.\"\n",
            File.ReadAllText(_folder["extraction.csv"]));
    }

    [TestMethod]
    public void Write_JsonUnderAnyCulture_HoldsTheSame()
    {
        SweepSamples.UnderCommas(() => ExtractionJsonWriter.Write(_folder["extraction.json"], Qualities));

        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder["extraction.json"]));
        string[] points = [.. json.RootElement.EnumerateArray().Select(point => JsonSerializer.Serialize(point, JsonFiles.Members))];
        Assert.AreSequenceEqual(
            [
                "{\"site\":\"mlp_in\",\"layer\":3,\"pairs\":40,\"norm\":1.5,\"agreement\":0.1,\"held_out_pairs\":8,\"held_out_auc\":0.875,\"held_out_accuracy\":0.75,\"letter_norm\":0.25,\"singular_ratio\":2.5,\"warnings\":[]}",
                "{\"site\":\"resid_post\",\"layer\":11,\"pairs\":1,\"norm\":1E-07,\"agreement\":1,\"held_out_pairs\":0,\"held_out_auc\":null,\"held_out_accuracy\":null,\"letter_norm\":null,\"singular_ratio\":null,\"warnings\":[\"Norm is \\u0022small\\u0022.\",\"One pair, no more.\"]}",
            ],
            points);
    }

    [TestMethod]
    public void Write_FolderInPlaceOfTheFile_NamesThePath()
    {
        Assert.Contains(_folder[""], Assert.ThrowsExactly<OutputException>(() => ExtractionCsvWriter.Write(_folder[""], Qualities)).Message);
        Assert.Contains(_folder[""], Assert.ThrowsExactly<OutputException>(() => ExtractionJsonWriter.Write(_folder[""], Qualities)).Message);
    }
}
