using OnnxLens.Eval.Datasets;

namespace OnnxLens.Eval.Tests.Datasets;

[TestClass]
public sealed class SplitsTests
{
    private static readonly SplitPart[] Halves = [SplitPart.OfFraction("train", 0.5), SplitPart.OfFraction("test", 0.5)];

    [TestMethod]
    public void Assign_Halves_KeepsQuestionsTogetherAndComesNearHalf()
    {
        AnswerDataset split = Splits.Assign(TestRows.Dataset(TestRows.BothOrders(400)), Halves, seed: 7);

        for (int i = 0; i < 800; i += 2)
            Assert.AreEqual(split.Rows[i].Split, split.Rows[i + 1].Split);
        // 400 questions by a fair coin: 200 ± 5 standard deviations of 10.
        Assert.IsInRange(300, 500, split.OfSplit("train").Rows.Length);
        Assert.AreSequenceEqual(new[] { "test", "train" }, split.SplitNames.ToArray());
    }

    [TestMethod]
    public void Assign_RowsAdded_MovesNoOthers()
    {
        AnswerPair[] some = [.. TestRows.BothOrders(50)];
        AnswerPair[] more = [.. TestRows.BothOrders(30, from: 900), .. some];

        AnswerDataset before = Splits.Assign(TestRows.Dataset(some), Halves, seed: 3);
        AnswerDataset after = Splits.Assign(TestRows.Dataset(more), Halves, seed: 3);

        Assert.AreSequenceEqual(before.Rows.ToArray(), after.Rows.Skip(60).ToArray());
    }

    [TestMethod]
    public void Assign_Seed_DecidesTheSplit()
    {
        AnswerDataset dataset = TestRows.Dataset(TestRows.BothOrders(50));

        Assert.AreSequenceEqual(Splits.Assign(dataset, Halves, 1).Rows.ToArray(), Splits.Assign(dataset, Halves, 1).Rows.ToArray());
        Assert.IsFalse(Splits.Assign(dataset, Halves, 1).Rows.SequenceEqual(Splits.Assign(dataset, Halves, 2).Rows));
    }

    [TestMethod]
    public void Assign_FractionsBelowOne_PutsTheOthersIntoRest()
    {
        AnswerDataset split = Splits.Assign(TestRows.Dataset(TestRows.BothOrders(100)), [SplitPart.OfFraction("train", 0.3)], seed: 1);

        Assert.AreSequenceEqual(new[] { Splits.Rest, "train" }, split.SplitNames.ToArray());
    }

    [TestMethod]
    public void Assign_TenTenths_LeaveNothingOver()
    {
        SplitPart[] tenths = [.. Enumerable.Range(0, 10).Select(i => SplitPart.OfFraction($"part{i}", 0.1))];

        AnswerDataset split = Splits.Assign(TestRows.Dataset(TestRows.BothOrders(400)), tenths, seed: 1);

        Assert.HasCount(10, split.SplitNames);
    }

    [TestMethod]
    public void Assign_Counts_AreExact()
    {
        AnswerDataset dataset = TestRows.Dataset([.. TestRows.BothOrders(20), .. TestRows.Single("AABAB", from: 100)]);

        AnswerDataset split = Splits.Assign(dataset, [SplitPart.OfCount("train", 17), SplitPart.OfCount("test", 9)], seed: 11);

        Assert.HasCount(17, split.OfSplit("train").Rows);
        Assert.HasCount(9, split.OfSplit("test").Rows);
        Assert.HasCount(45 - 26, split.OfSplit(Splits.Rest).Rows);
        for (int i = 0; i < 40; i += 2)
            Assert.AreEqual(split.Rows[i].Split, split.Rows[i + 1].Split);
    }

    [TestMethod]
    public void Assign_CountThatTearsAQuestion_IsRefused()
    {
        AnswerDataset dataset = TestRows.Dataset(TestRows.BothOrders(20));

        string message = Assert.ThrowsExactly<EvalException>(() => Splits.Assign(dataset, [SplitPart.OfCount("train", 7)], 0)).Message;

        Assert.Contains("Split 'train' cannot have exactly 7 rows", message);
        Assert.Contains("Ask for 6.", message);
    }

    [TestMethod]
    public void Assign_SingleSample_CannotFillTwoSplits()
    {
        AnswerDataset dataset = TestRows.Dataset(TestRows.Single("A"));

        Assert.Contains("gets none of the 1 rows", Assert.ThrowsExactly<EvalException>(() => Splits.Assign(dataset, Halves, 0)).Message);
    }

    [TestMethod]
    public void Assign_PartsThatContradict_AreRefused()
    {
        AssertRefused("No split is asked for");
        AssertRefused("asked for twice", SplitPart.OfCount("a", 1), SplitPart.OfCount("a", 1));
        AssertRefused("by fraction and by count", SplitPart.OfCount("a", 1), SplitPart.OfFraction("b", 0.5));
        AssertRefused("add up to 1.5", SplitPart.OfFraction("a", 1), SplitPart.OfFraction("b", 0.5));
        AssertRefused("ask for 5 rows, and the dataset 'trait' has 4", SplitPart.OfCount("a", 5));
    }

    [TestMethod]
    public void SplitPart_OutOfRange_IsRefused()
    {
        Assert.Contains("0.5", Assert.ThrowsExactly<SelectionException>(() => SplitPart.OfFraction("a", -0.5)).Message);
        Assert.ThrowsExactly<SelectionException>(() => SplitPart.OfFraction("a", double.NaN));
        Assert.ThrowsExactly<SelectionException>(() => SplitPart.OfCount("a", 0));
    }

    private static void AssertRefused(string part, params SplitPart[] parts) =>
        Assert.Contains(part, Assert.ThrowsExactly<SelectionException>(() => Splits.Assign(TestRows.Dataset(TestRows.Single("ABAB")), parts, 0)).Message);
}
