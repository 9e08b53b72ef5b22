using System.Collections.Immutable;
using OnnxLens.Eval.Datasets;

namespace OnnxLens.Eval.Tests.Datasets;

[TestClass]
public sealed class ShuffledSignsTests
{
    [TestMethod]
    public void Draw_BothOrders_TurnsHalfOfEachLetterAndQuestionsTogether()
    {
        PairSet set = TestRows.Tokens(TestRows.BothOrders(50));

        ImmutableArray<int> signs = ShuffledSigns.Draw(set, seed: 1);

        for (int i = 0; i < 100; i += 2)
            Assert.AreEqual(signs[i], signs[i + 1]);
        foreach (LetterGroup letter in set.ByLetter)
            Assert.AreEqual(0, letter.Pairs.Sum(i => signs[i]));
        Assert.IsTrue(signs.All(sign => sign is 1 or -1));
    }

    [TestMethod]
    [DataRow(0, "A")]
    [DataRow(0, "AAAAABBB")]
    [DataRow(3, "AAB")]
    [DataRow(7, "AAAB")]
    [DataRow(4, "ABBBB")]
    [DataRow(1, "")]
    public void Draw_AnyMixture_TurnsHalfOfEachLetterUpToOne(int bothOrders, string single)
    {
        PairSet set = TestRows.Tokens([.. TestRows.BothOrders(bothOrders), .. TestRows.Single(single, from: 100)]);

        for (ulong seed = 0; seed < 20; seed++)
        {
            ImmutableArray<int> signs = ShuffledSigns.Draw(set, seed);
            foreach (LetterGroup letter in set.ByLetter)
                Assert.IsInRange(-1, 1, letter.Pairs.Sum(i => signs[i]));
        }
    }

    [TestMethod]
    public void Draw_OddCount_LeansEitherWayOverSeeds()
    {
        PairSet set = TestRows.Tokens(TestRows.Single("A"));

        Assert.HasCount(2, Enumerable.Range(0, 20).Select(seed => ShuffledSigns.Draw(set, (ulong)seed)[0]).Distinct().ToArray());
    }

    [TestMethod]
    public void Draw_Seed_DecidesTheSigns()
    {
        PairSet set = TestRows.Tokens(TestRows.BothOrders(50));

        Assert.AreSequenceEqual(ShuffledSigns.Draw(set, 1).ToArray(), ShuffledSigns.Draw(set, 1).ToArray());
        Assert.IsFalse(ShuffledSigns.Draw(set, 1).SequenceEqual(ShuffledSigns.Draw(set, 2)));
    }
}
