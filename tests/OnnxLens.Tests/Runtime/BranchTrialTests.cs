using OnnxLens.Runtime;
using OnnxLens.Runtime.Branches;
using OnnxLens.Testing;
using OnnxLens.Tests.Parity;

namespace OnnxLens.Tests.Runtime;

/// <summary>Which attention kernels branches may share a cache with.</summary>
[TestClass]
public sealed class BranchTrialTests
{
    private const int Prefix = 4;
    private const int Rows = 3;
    private const int Vocabulary = 1000;

    public static IEnumerable<object[]> FixturesAndShards => from name in FixtureCheckpoints.Names from shards in new[] { 1, 0 } select new object[] { name, shards };

    [TestMethod]
    [DynamicData(nameof(FixturesAndShards))]
    public void Holds_ModelOpenedForBranches_IsTrue(string name, int shards)
    {
        using LensModel model = Invariants.Open(FixtureCheckpoints.Get(name), shards, options => options with { Branching = Branching.Shared, MaxBranches = Rows });
        Assert.AreEqual(Branching.Shared, model.Branching);
        Assert.IsTrue(BranchTrial.Holds(model));
    }

    [TestMethod]
    public void Holds_BranchesThatSeePrefixAndThemselves_IsTrue() => Assert.IsTrue(Try((prefix, tokens) => [.. tokens.Select(token => Logits([.. prefix, token]))]));

    [TestMethod]
    public void Holds_BranchesOfHalfPrecision_IsTrue() =>
        Assert.IsTrue(Try((prefix, tokens) => [.. tokens.Select(token => Logits([.. prefix, token]).Select(logit => logit * 1.01f).ToArray())]));

    [TestMethod]
    public void Holds_BranchesThatSeeThoseBefore_IsFalse() =>
        Assert.IsFalse(Try((prefix, tokens) => [.. tokens.Select((_, i) => Logits([.. prefix, .. tokens[..(i + 1)]]))]));

    [TestMethod]
    public void Holds_BranchesThatFeelTheOthersInTheLastBit_IsFalse() =>
        Assert.IsFalse(Try((prefix, tokens) => [.. tokens.Select(token => Logits([.. prefix, token]).Select(logit => logit + (1e-6f * tokens[0])).ToArray())]));

    [TestMethod]
    public void Holds_BranchesWithoutTheirPrefix_IsFalse() => Assert.IsFalse(Try((_, tokens) => [.. tokens.Select(token => Logits([token]))]));

    [TestMethod]
    public void Holds_BranchesThatAreNoNumbers_IsFalse() => Assert.IsFalse(Try((prefix, tokens) => [.. tokens.Select(token => Logits([.. prefix, token])).Select(logits => new[] { logits[0], float.NaN, logits[2] })]));

    private static bool Try(BranchTrial.Branched branched) => BranchTrial.Holds(Prefix, Rows, Vocabulary, branched, Logits);

    /// <summary>Three numbers to which every token of a sequence adds its own.</summary>
    private static float[] Logits(int[] tokens) =>
        [tokens.Sum(token => MathF.Sin(token)), tokens.Sum(token => MathF.Cos(token)), tokens.Sum(token => MathF.Sin(3 * token))];
}
