using OnnxLens.Eval.Datasets;

namespace OnnxLens.Eval.Tests.Datasets;

[TestClass]
public sealed class LetterTests
{
    [TestMethod]
    public void Of_BothOrders_CountsAndWarnsOfNothing()
    {
        LetterBalance balance = LetterBalance.Of(TestRows.Tokens(TestRows.BothOrders(3)));

        Assert.AreSequenceEqual(new LetterCount[] { new("all", "A", 3), new("all", "B", 3) }, balance.Counts.ToArray());
        Assert.IsEmpty(balance.Warnings);
    }

    [TestMethod]
    [DataRow("AAAAAABBBB", false)]
    [DataRow("AAAAAAABBBB", true)]
    [DataRow("ABBB", true)]
    public void Of_MoreThanSixtyPercentOfOneLetter_Warns(string letters, bool warns)
    {
        LetterBalance balance = LetterBalance.Of(TestRows.Tokens(TestRows.Single(letters)));

        Assert.AreEqual(warns ? 1 : 0, balance.Warnings.Length);
    }

    [TestMethod]
    public void Of_OneSidedSplits_NamesSplitAndLetter()
    {
        LetterBalance balance = LetterBalance.Of(TestRows.Tokens([.. TestRows.Single("AB", split: "train"), .. TestRows.Single("BBB", from: 5, split: "test"), .. TestRows.Single("A", from: 9, split: "one")]));

        Assert.HasCount(2, balance.Warnings);
        Assert.Contains("Dataset 'trait', split 'one': the matching answer is 'A' in its only pair", balance.Warnings[0]);
        Assert.Contains("Dataset 'trait', split 'test': the matching answer is 'B' in all 3 pairs, so the trait cannot be told from the letter.", balance.Warnings[1]);
    }

    [TestMethod]
    public void Of_YesAndNo_AreLettersToo()
    {
        var rows = Enumerable.Range(0, 4).Select(i => new AnswerPair($"row{i}", i, $"{i}?", i < 3 ? " Yes" : " No", i < 3 ? " No" : " Yes"));

        Assert.Contains("the matching answer is 'Yes' in 3 of 4 pairs (75 %)", LetterBalance.Of(TestRows.Tokens(rows)).Warnings.Single());
    }

    [TestMethod]
    public void Of_RowsWithoutTokens_EqualsThatOfTheirPairs()
    {
        AnswerDataset dataset = TestRows.Dataset([.. TestRows.Single("ABBB", split: "train"), .. TestRows.Single("AB", from: 5)]);
        LetterBalance balance = LetterBalance.Of(dataset);
        LetterBalance tokens = LetterBalance.Of(TestRows.Tokens(dataset));

        Assert.AreSequenceEqual(new LetterCount[] { new("all", "A", 1), new("all", "B", 1), new("train", "A", 1), new("train", "B", 3) }, balance.Counts.ToArray());
        Assert.AreSequenceEqual(tokens.Counts.ToArray(), balance.Counts.ToArray());
        Assert.AreSequenceEqual(tokens.Warnings.ToArray(), balance.Warnings.ToArray());
    }

    [TestMethod]
    public void ByLetter_MixedPairs_HoldsThePlacesOfEachLetter()
    {
        PairSet set = TestRows.Tokens(TestRows.Single("BAAB"));

        Assert.AreSequenceEqual(new[] { "A", "B" }, set.ByLetter.Select(group => group.Letter).ToArray());
        Assert.AreSequenceEqual(new[] { 1, 2 }, set.ByLetter[0].Pairs.ToArray());
        Assert.AreSequenceEqual(new[] { 0, 3 }, set.ByLetter[1].Pairs.ToArray());
    }

    [TestMethod]
    public void Find_MoreThanTwoLetters_TakesTheLargestOppositeGroups()
    {
        AnswerPair[] rows =
        [
            .. TestRows.Single("BAB"),
            new("c1", 10, "Q?", "(C)", "(A)"), new("c2", 11, "R?", "(C)", "(A)"), new("a1", 12, "S?", "(A)", "(C)"),
            new("a2", 13, "T?", "(A)", "(B)"),
        ];

        OppositeLetters? found = OppositeLetters.Find(TestRows.Tokens(rows));

        Assert.IsNotNull(found);
        Assert.AreEqual(("A", "B"), (found.First.Letter, found.Second.Letter));
        Assert.AreSequenceEqual(new[] { 1, 6 }, found.First.Pairs.ToArray());
        Assert.AreSequenceEqual(new[] { 0, 2 }, found.Second.Pairs.ToArray());
    }

    [TestMethod]
    public void Find_OneSided_IsNull() => Assert.IsNull(OppositeLetters.Find(TestRows.Tokens(TestRows.Single("AAA"))));
}
