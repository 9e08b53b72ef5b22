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
}
