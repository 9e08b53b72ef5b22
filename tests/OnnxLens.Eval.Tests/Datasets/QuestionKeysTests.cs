using OnnxLens.Eval.Datasets;

namespace OnnxLens.Eval.Tests.Datasets;

[TestClass]
public sealed class QuestionKeysTests
{
    [TestMethod]
    [DataRow("Q?\n (A) x\n (B) y", "Q?\n (A) y\n (B) x", true)]
    [DataRow("Q?\n\nChoices:\n(A) x\n(B) y\n(C) z\n\nAnswer:", "Q?\n\nChoices:\n(A) z\n(B) x\n(C) y\n\nAnswer:", true)]
    [DataRow("Q?\n (A) x\nand more\n (B) y", "Q?\n (A) y\n (B) x\nand more", true)]
    [DataRow("Q?\r\n (A) x\r\n (B) y", "Q?\n (A) y\n (B) x", true)]
    [DataRow("Q?\n (A) x\n (B) y", "R?\n (A) y\n (B) x", false)]
    [DataRow("Q?\n (A) x\n (B) y", "Q?\n (A) x\n (B) z", false)]
    [DataRow("Q?\n (A) x\n (B) y\n\nI am bold.", "Q?\n (A) y\n (B) x\n\nI am shy.", false)]
    [DataRow("Is (A) it?", "Is (B) it?", false)]
    [DataRow("Q?", "Q? ", true)]
    public void Of_TwoQuestions_AreTheSameWhereOnlyTheOrderDiffers(string first, string second, bool same) =>
        Assert.AreEqual(same, QuestionKeys.Of(first) == QuestionKeys.Of(second));

    [TestMethod]
    public void SharedQuestions_TheOtherOrderOfAQuestion_IsTheSameQuestion()
    {
        AnswerPair[] rows = [.. TestRows.BothOrders(4)];
        PairSet first = TestRows.Tokens(rows.Where((_, i) => i % 2 == 0));
        PairSet second = TestRows.Tokens(rows.Where((_, i) => i % 2 == 1).Concat(TestRows.BothOrders(1, from: 9)));
        Assert.AreEqual(4, second.SharedQuestions(first));
        Assert.AreEqual(0, first.SharedQuestions(TestRows.Tokens(TestRows.BothOrders(2, from: 9))));
    }
}
