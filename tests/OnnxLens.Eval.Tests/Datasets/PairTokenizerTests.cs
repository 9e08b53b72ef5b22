using OnnxLens.Eval.Datasets;
using OnnxLens.Tokenization;

namespace OnnxLens.Eval.Tests.Datasets;

[TestClass]
public sealed class PairTokenizerTests
{
    private static readonly PromptForm Joined = PromptForm.RawWith("");

    [TestMethod]
    public void Tokenize_Letters_LabelsTheLetterWithinTheBrackets()
    {
        Tokenizer demo = TestTokenizers.Demo;

        PairSet set = TestRows.Tokens(TestRows.Single("AB", split: "train"));

        LabelledPair second = set.Pairs[1];
        Assert.AreEqual(("row1", "train", "B"), (second.Sample, second.Split, second.Letter));
        Assert.AreEqual("Question 1?\n\nChoices:\n (A) yes\n (B) no\n\nAnswer: (", demo.Decode(second.Prompt.AsSpan()));
        Assert.AreEqual("B", demo.Decode([second.PositiveToken]));
        Assert.AreEqual("A", demo.Decode([second.NegativeToken]));
        Assert.AreEqual(set.Pairs[0].PositiveToken, second.NegativeToken);
        Assert.IsEmpty(set.Skipped);
        Assert.AreEqual("raw", set.PromptForm);
    }

    [TestMethod]
    public void Tokenize_LettersMergedWithTheBracket_LabelsTheMergedToken()
    {
        // "(A" is a token, "(B" is not: the first token that differs is "(A" against "(".
        Tokenizer tokenizer = TestTokenizers.Merging(false, "( A");

        LabelledPair pair = TestRows.Tokens(tokenizer, PromptForm.Raw, "Q?", "(A)", "(B)").Pairs.Single();

        Assert.AreEqual("Q?\n\nAnswer: ", tokenizer.Decode(pair.Prompt.AsSpan()));
        Assert.AreEqual("(A", tokenizer.Decode([pair.PositiveToken]));
        Assert.AreEqual("(", tokenizer.Decode([pair.NegativeToken]));
    }

    [TestMethod]
    public void Tokenize_WordsWithTheirSpace_LabelsTheWord()
    {
        Tokenizer tokenizer = TestTokenizers.Merging(true, "Y e", "Ye s", "\u0120 Yes", "N o", "\u0120 No");

        LabelledPair pair = TestRows.Tokens(tokenizer, PromptForm.Raw, "Q?", " Yes", " No").Pairs.Single();

        Assert.AreEqual("<s>Q?\n\nAnswer:", tokenizer.Decode(pair.Prompt.AsSpan()));
        Assert.AreEqual((" Yes", " No", "Yes"), (tokenizer.Decode([pair.PositiveToken]), tokenizer.Decode([pair.NegativeToken]), pair.Letter));
    }

    [TestMethod]
    public void Tokenize_Chat_AddsNoSpecialTokensAndParsesThoseOfTheTemplate()
    {
        Tokenizer tokenizer = TestTokenizers.Merging(true);
        int bos = tokenizer.TokenId("<s>")!.Value;

        PairSet set = TestRows.Tokens(tokenizer, PromptForm.Chat(text => $"<s>[{text}]"), "Q?", " (A)", " (B)");

        Assert.AreEqual("<s>[Q?](", tokenizer.Decode(set.Pairs[0].Prompt.AsSpan()));
        Assert.AreEqual(1, set.Pairs[0].Prompt.Count(id => id == bos));
        Assert.AreEqual(bos, set.Pairs[0].Prompt[0]);
        Assert.AreEqual(tokenizer.TokenId("A"), set.Pairs[0].PositiveToken);
        Assert.AreEqual("chat", set.PromptForm);
    }

    [TestMethod]
    [DataRow("yes", "yes, sir", "the matching string is the beginning of the other")]
    [DataRow("yes, sir", "yes", "the string that does not match is the beginning of the other")]
    public void Tokenize_OneStringBeginsTheOther_IsSkipped(string matching, string notMatching, string reason) =>
        AssertSkipped(() => TestRows.Tokens(TestTokenizers.Demo, PromptForm.Raw, "Q?", matching, notMatching), reason);

    [TestMethod]
    public void Tokenize_NothingInCommon_IsSkipped() =>
        AssertSkipped(() => TestRows.Tokens(TestTokenizers.Demo, PromptForm.Chat(_ => ""), "Q?", "A", "B"), "from the first token on");

    [TestMethod]
    public void Tokenize_TokensDifferWithinTheQuestion_IsSkipped() =>
        AssertSkipped(() => TestRows.Tokens(TestTokenizers.Merging(false, "? A"), Joined, "Q?", "A", "B"), "within the question already");

    [TestMethod]
    public void Tokenize_TokensDifferWithinTheQuestionOfAChat_IsSkipped() =>
        AssertSkipped(() => TestRows.Tokens(TestTokenizers.Merging(false, "? ]", "?] A"), PromptForm.Chat(text => $"[{text}]"), "Q?", "A", "B"), "within the question already");

    [TestMethod]
    public void Tokenize_SameTokens_IsSkipped() =>
        Assert.AreEqual((3, "both full strings are the same tokens"), LabelFinder.Find([1, 2, 3], [1, 2, 3], null));

    [TestMethod]
    public void Tokenize_LabelBeyondTheContext_IsSkipped()
    {
        Tokenizer tokenizer = TestTokenizers.Merging(false);

        // "Q? (A": the label is the fifth token.
        Assert.HasCount(4, TestRows.Tokens(tokenizer, PromptForm.RawWith(" "), "Q?", "(A)", "(B)", contextLength: 5).Pairs[0].Prompt);
        AssertSkipped(() => TestRows.Tokens(tokenizer, PromptForm.RawWith(" "), "Q?", "(A)", "(B)", contextLength: 4), "its label is token 5, and the model takes 4");
    }

    [TestMethod]
    public void Tokenize_CharacterWithoutToken_IsSkipped() =>
        AssertSkipped(() => TestRows.Tokens(TestTokenizers.Merging(false), PromptForm.Raw, "Qué?", "A", "B"), "the tokenizer refuses it");

    [TestMethod]
    public void Tokenize_SomeRowsSkipped_AccountsForEveryRow()
    {
        AnswerPair[] rows = [.. TestRows.Single("AB", split: "train"), new("odd", 9, "Q?", "yes", "yes, sir", "train"), .. TestRows.Single("A", from: 20, split: "test")];
        var dataset = new AnswerDataset("trait", [.. rows], [new SkippedPair("row7", 4, "'question' is blank")], ["a note"]);

        PairSet set = TestRows.Tokens(dataset);

        Assert.AreSequenceEqual(new[] { "row0", "row1", "row20" }, set.Pairs.Select(pair => pair.Sample).ToArray());
        Assert.AreSequenceEqual(set.Pairs.Select(pair => pair.Sample).ToArray(), set.Rows.Select(row => row.Sample).ToArray());
        Assert.AreSequenceEqual(new[] { "row7", "odd" }, set.Skipped.Select(row => row.Sample).ToArray());
        Assert.AreEqual("a note", set.Notes.Single());
        Assert.AreEqual(TestRows.Dataset([.. rows[..2], rows[3]]).Hash, set.Hash);
        Assert.AreEqual(TestRows.Dataset([rows[3]]).Hash, set.OfSplit("test").Hash);
        Assert.AreSequenceEqual(new[] { "row7" }, set.OfSplit("test").Skipped.Select(row => row.Sample).ToArray());
        Assert.Contains("It has: test, train.", Assert.ThrowsExactly<SelectionException>(() => set.OfSplit("dev")).Message);
    }

    [TestMethod]
    [DataRow(" (A)", "A")]
    [DataRow("[B].", "B")]
    [DataRow(" Yes", "Yes")]
    [DataRow("()", "()")]
    [DataRow("I would rather not say anything about that at all.", "I would rather not say anything…")]
    public void Tokenize_Answer_GivesItsLetter(string answer, string letter)
    {
        PairSet set = TestRows.Tokens(TestTokenizers.Demo, PromptForm.Raw, "Q?", answer, "!");
        Assert.AreEqual(letter, set.Pairs[0].Letter);
        Assert.AreEqual(PairSet.NoSplit, set.Pairs[0].Split);
    }

    [TestMethod]
    public void Tokenize_Prompts_EncodesBothAndSkipsTooLongOnes()
    {
        var dataset = new PromptDataset("persona", [new("short", 1, "ab", "cd"), new("long", 2, "abcde", "x")]);

        PromptSet set = new PairTokenizer(TestTokenizers.Merging(true), PromptForm.Raw, 4).Tokenize(dataset);

        ContrastPrompts only = set.Prompts.Single();
        Assert.AreEqual("short", only.Sample);
        Assert.HasCount(3, only.Positive);
        Assert.AreEqual('c' - '!', only.Negative[1]);
        Assert.AreEqual(new SkippedPair("long", 2, "a prompt has 6 tokens, and the model takes 4"), set.Skipped.Single());
        Assert.AreNotEqual(dataset.Hash, set.Hash);
    }

    private static void AssertSkipped(Func<PairSet> tokenize, string reason)
    {
        string message = Assert.ThrowsExactly<EvalException>(tokenize).Message;
        Assert.Contains("No row of the dataset 'trait' can be used; all 1 are skipped. row0 (line 1): ", message);
        Assert.Contains(reason, message);
    }
}
