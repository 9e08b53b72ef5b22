using OnnxLens.Bundles;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Reference;

/// <summary>The reference lens against the lens that was computed in float64 from the rows of transformers.</summary>
[TestClass]
public sealed class ReferenceLensGoldenTests
{
    private const int TopK = 10;

    [TestMethod]
    [DynamicData(nameof(GoldenCases.All), typeof(GoldenCases))]
    public void Read_StoredRows_IsTheGoldenLens(string name)
    {
        GoldenCase golden = GoldenCases.Require(name);
        ReferenceReadout[][] lens = [.. Enumerable.Range(0, golden.Reference.Facts.Layers).Select(layer =>
            golden.Tensors.Rows(new HookPoint(Site.ResidPost, layer).ToString()).Select(row => golden.Reference.Lens.Read<float>(row)).ToArray())];
        AssertLens(golden, lens, 1e-5);
    }

    [TestMethod]
    [DynamicData(nameof(GoldenCases.All), typeof(GoldenCases))]
    public void Read_OwnForward_IsTheGoldenLens(string name)
    {
        GoldenCase golden = GoldenCases.Require(name);
        ReferenceRun run = golden.Reference.Run(golden.Tokens);
        ReferenceReadout[][] lens = [.. Enumerable.Range(0, golden.Reference.Facts.Layers).Select(layer =>
            run.Rows(Site.ResidPost, layer).Select(row => golden.Reference.Lens.Read<double>(row)).ToArray())];
        AssertLens(golden, lens, 1e-4);
    }

    private static void AssertLens(GoldenCase golden, ReferenceReadout[][] lens, double tolerance)
    {
        ReferenceReadout[] cells = [.. lens.SelectMany(layer => layer)];
        ReferenceReadout[] final = [.. lens.SelectMany(_ => lens[^1])];
        int[][] topIds = [.. cells.Select(cell => cell.TopIds(TopK))];

        Assert.AreSequenceEqual(golden.Tensors.Ids("lens.topk_ids"), [.. topIds.SelectMany(ids => ids)]);
        Close("lens.topk_logprobs", cells.Zip(topIds).SelectMany(pair => pair.Second.Select(id => pair.First.LogProbs[id])));
        Close("lens.logsumexp", cells.Select(cell => cell.LogSumExp));
        Close("lens.entropy", cells.Select(cell => cell.Entropy));
        Close("lens.kl_final_lens", cells.Zip(final, (cell, end) => end.KlTo(cell)));
        Close("lens.kl_lens_final", cells.Zip(final, (cell, end) => cell.KlTo(end)));
        AssertTargets("lens.next", lens.Select(layer => layer[..^1]), golden.Tokens[1..]);

        int[] best = [.. lens[^1].Select(cell => cell.TopIds(1)[0])];
        Assert.AreSequenceEqual(golden.Tensors.Ids("lens.final_top1_ids"), best);
        AssertTargets("lens.final_top1", lens, best);

        void AssertTargets(string tensor, IEnumerable<ReferenceReadout[]> layers, int[] targets)
        {
            ReferenceReadout[][] all = [.. layers];
            Close($"{tensor}_logprob", all.SelectMany(layer => layer.Zip(targets, (cell, target) => cell.LogProbs[target])));
            int[] ranks = [.. all.SelectMany(layer => layer.Zip(targets, (cell, target) => cell.Rank(target)))];
            Assert.AreSequenceEqual(golden.Tensors.Ids($"{tensor}_rank"), ranks, tensor);
        }

        void Close(string tensor, IEnumerable<double> actual) =>
            Closeness.AssertClose<float, double>(golden.Tensors.Singles(tensor), actual.ToArray(), tolerance, $"{golden.Name} {tensor}");
    }
}
