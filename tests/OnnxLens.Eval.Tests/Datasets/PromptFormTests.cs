using OnnxLens.Eval.Datasets;

namespace OnnxLens.Eval.Tests.Datasets;

[TestClass]
public sealed class PromptFormTests
{
    [TestMethod]
    [DataRow("Q?", "(A)", "Q?\n\nAnswer: (A)")]
    [DataRow("Q?", " (A)", "Q?\n\nAnswer: (A)")]
    [DataRow("Q?", " Yes\n", "Q?\n\nAnswer: Yes")]
    [DataRow("Question: Q?\n\nAnswer:", " (A)", "Question: Q?\n\nAnswer: (A)")]
    [DataRow("Q?\n\nAnswer: \n", "(A)", "Q?\n\nAnswer: (A)")]
    [DataRow("Q? \n", "(A)", "Q? \n\n\nAnswer: (A)")]
    public void FullString_Raw_HasOneAnswerLineAndOneSpace(string question, string answer, string expected) =>
        Assert.AreEqual(expected, PromptForm.Raw.FullString(question, answer));

    [TestMethod]
    [DataRow("Q?", "Q?\nMy choice: (A)")]
    [DataRow("Q?\nMy choice:", "Q?\nMy choice: (A)")]
    [DataRow("Q?\n\nAnswer:", "Q?\n\nAnswer: (A)")]
    public void FullString_PrefixOfOnesOwn_IsNotRepeated(string question, string expected) =>
        Assert.AreEqual(expected, PromptForm.RawWith("\nMy choice: ").FullString(question, "(A)"));

    [TestMethod]
    public void FullString_EmptyPrefix_PutsTheAnswerAtOnce() => Assert.AreEqual("Q? (A", PromptForm.RawWith("").FullString("Q? (", "A"));

    [TestMethod]
    public void FullString_Chat_PutsTheAnswerAfterTheRenderedText()
    {
        PromptForm form = PromptForm.Chat(text => $"<user>{text}<reply>\n");

        Assert.AreEqual("<user>Q?\n\nAnswer:<reply>\n(A)", form.FullString("Q?\n\nAnswer:", " (A)"));
        Assert.AreEqual("<user>Q?<reply>\n", form.Prompt("Q?"));
        Assert.AreEqual("chat", form.Name);
        Assert.IsFalse(form.Encoding.AddSpecial);
        Assert.IsTrue(form.Encoding.ParseSpecial);
    }

    [TestMethod]
    public void Encoding_Raw_IsThatOfPrompts()
    {
        Assert.AreEqual(default, PromptForm.Raw.Encoding);
        Assert.AreEqual("raw", PromptForm.Raw.Name);
        Assert.AreEqual("Q?", PromptForm.Raw.Prompt("Q?"));
    }
}
