using OnnxLens.Eval.Datasets;

namespace OnnxLens.Eval.Tests.Datasets;

/// <summary>What the page of the demo's datasets says of them.</summary>
[TestClass]
public sealed class DemoDatasetTests
{
    [TestMethod]
    [DataRow("bold")]
    [DataRow("cheerful")]
    [DataRow("sweet")]
    [DataRow("tidy")]
    public void ReadAnswers_DemoTrait_HasBothOrdersOfEveryQuestion(string trait)
    {
        foreach ((string part, int rows) in new[] { ("train", 200), ("validation", 40), ("test", 96) })
        {
            PairSet set = TestRows.Tokens(DatasetReader.ReadAnswers(DemoFiles.Dataset($"{trait}-{part}.json")));

            Assert.HasCount(rows, set.Pairs);
            Assert.IsEmpty(set.Skipped);
            Assert.IsEmpty(set.Notes);
            Assert.AreSequenceEqual(new LetterCount[] { new("all", "A", rows / 2), new("all", "B", rows / 2) }, LetterBalance.Of(set).Counts.ToArray());
            foreach (IGrouping<string, AnswerPair> question in set.Rows.GroupBy(row => row.QuestionKey))
                Assert.AreEqual(question.Count(row => row.Matching == "(A)"), question.Count(row => row.Matching == "(B)"));
            foreach (LabelledPair pair in set.Pairs)
            {
                Assert.AreEqual(pair.Letter, TestTokenizers.Demo.Decode([pair.PositiveToken]));
                Assert.EndsWith("\n\nAnswer: (", TestTokenizers.Demo.Decode(pair.Prompt.AsSpan()));
            }
        }
    }

    [TestMethod]
    [DataRow("bold")]
    [DataRow("cheerful")]
    [DataRow("sweet")]
    [DataRow("tidy")]
    public void ReadPrompts_DemoTrait_HasTwoHundredContrasts(string trait)
    {
        string path = DemoFiles.Dataset($"{trait}-contrast.jsonl");
        PromptSet set = new PairTokenizer(TestTokenizers.Demo, PromptForm.Raw, 256).Tokenize(DatasetReader.ReadPrompts(path));

        Assert.IsTrue(DatasetReader.HoldsPrompts(path));
        Assert.HasCount(200, set.Prompts);
        Assert.IsEmpty(set.Skipped);
        Assert.IsTrue(set.Prompts.All(pair => pair.Positive[^1] == pair.Negative[^1]));
    }

    [TestMethod]
    [DataRow("bold")]
    [DataRow("cheerful")]
    [DataRow("sweet")]
    [DataRow("tidy")]
    public void ReadAnswers_DemoTrait_SharesNoQuestionBetweenFiles(string trait)
    {
        string[] keys = [.. new[] { "train", "validation", "test" }.SelectMany(part =>
            DatasetReader.ReadAnswers(DemoFiles.Dataset($"{trait}-{part}.json")).Rows.Select(row => row.QuestionKey).Distinct())];

        Assert.HasCount(100 + 20 + 48, keys);
        Assert.AreEqual(keys.Length, keys.Distinct().Count());
    }
}
