using System.Text;
using OnnxLens.Eval.Datasets;
using OnnxLens.Testing;

namespace OnnxLens.Eval.Tests.Datasets;

[TestClass]
public sealed class DatasetReaderTests
{
    private const string TwoRows = """
        [
          {
            "question": "Q1?",
            "answer_matching_behavior": "(A)",
            "answer_not_matching_behavior": "(B)"
          },
          { "question": "Q2?", "answer_matching_behavior": "(B)", "answer_not_matching_behavior": "(A)", "label_confidence": 0.9 }
        ]
        """;

    private const string TwoLines = """
        {"question": "Q1?", "answer_matching_behavior": " Yes", "answer_not_matching_behavior": " No"}

        {"question": "Q2\r\n?", "statement": "x", "answer_matching_behavior": " No", "answer_not_matching_behavior": " Yes"}
        """;

    [TestMethod]
    public void ReadAnswers_CaaArray_GivesRowsWithTheirLines()
    {
        AnswerDataset dataset = Read("caa.json", TwoRows);

        Assert.AreEqual("caa", dataset.Name);
        Assert.AreEqual(new AnswerPair("row0", 2, "Q1?", "(A)", "(B)"), dataset.Rows[0]);
        Assert.AreEqual(new AnswerPair("row1", 7, "Q2?", "(B)", "(A)"), dataset.Rows[1]);
        Assert.HasCount(2, dataset.Rows);
        Assert.IsEmpty(dataset.Skipped);
        Assert.IsEmpty(dataset.Notes);
    }

    [TestMethod]
    [DataRow("evals.jsonl")]
    [DataRow("evals.ndjson")]
    [DataRow("evals.json")]
    [DataRow("evals.data")]
    public void ReadAnswers_ObjectInEachLine_GivesRowsVerbatim(string name)
    {
        AnswerDataset dataset = Read(name, TwoLines);

        Assert.AreEqual(new AnswerPair("row0", 1, "Q1?", " Yes", " No"), dataset.Rows[0]);
        Assert.AreEqual(new AnswerPair("row1", 3, "Q2\r\n?", " No", " Yes"), dataset.Rows[1]);
    }

    [TestMethod]
    public void ReadAnswers_ArrayNamedJsonl_IsReadAsAnArray() => Assert.HasCount(2, Read("caa.jsonl", TwoRows).Rows);

    [TestMethod]
    public void ReadAnswers_Csv_GivesNamedRowsOfSplits()
    {
        AnswerDataset dataset = Read("pairs.csv", """
            sample,question, answer_matching_behavior ,answer_not_matching_behavior,split,note
            first,"Who, ""you""?
             (A) me
             (B) not me",(A),(B),train,x

            ,Q2?,(B),(A),,
            """);

        Assert.AreEqual(new AnswerPair("first", 2, "Who, \"you\"?\n (A) me\n (B) not me", "(A)", "(B)", "train"), dataset.Rows[0]);
        Assert.AreEqual(new AnswerPair("row1", 6, "Q2?", "(B)", "(A)"), dataset.Rows[1]);
        Assert.AreSequenceEqual(new[] { "train" }, dataset.SplitNames.ToArray());
    }

    [TestMethod]
    public void ReadAnswers_Tsv_GivesRows() =>
        Assert.AreEqual(
            new AnswerPair("row0", 2, "Q, then?", "Yes", "No"),
            Read("pairs.tsv", "question\tanswer_matching_behavior\tanswer_not_matching_behavior\nQ, then?\tYes\tNo\n  \n").Rows.Single());

    [TestMethod]
    public void ReadAnswers_OtherColumnNames_AreTaken()
    {
        var options = new DatasetReadOptions { Name = "mine", QuestionColumn = "q", MatchingColumn = "yes", NotMatchingColumn = "no", SampleColumn = "id", SplitColumn = "part" };

        AnswerDataset dataset = Read("pairs.jsonl", """{"q":"Q?","yes":"(A)","no":"(B)","id":17,"part":"test","sample":"x"}""", options);

        Assert.AreEqual("mine", dataset.Name);
        Assert.AreEqual(new AnswerPair("17", 1, "Q?", "(A)", "(B)", "test"), dataset.Rows[0]);
    }

    [TestMethod]
    [DataRow("caa.json", TwoRows)]
    [DataRow("evals.jsonl", TwoLines)]
    [DataRow("pairs.csv", "question,answer_matching_behavior,answer_not_matching_behavior\n\"a\nb\",(A),(B)\nQ2?,(B),(A)\n")]
    public void ReadAnswers_ByteOrderMarkAndCrLf_ReadsTheSameRows(string name, string text)
    {
        AnswerDataset plain = Read(name, text);
        using var folder = new TempFolder();
        File.WriteAllText(folder[name], text.Replace("\n", "\r\n", StringComparison.Ordinal), new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        AnswerDataset windows = DatasetReader.ReadAnswers(folder[name]);

        Assert.AreSequenceEqual(plain.Rows.ToArray(), windows.Rows.ToArray());
        Assert.AreEqual(plain.Hash, windows.Hash);
    }

    [TestMethod]
    public void ReadAnswers_SameRowTwice_IsKeptAndNoted()
    {
        const string Row = """{"question":"Q?","answer_matching_behavior":"(A)","answer_not_matching_behavior":"(B)"}""";

        AnswerDataset few = Read("few.jsonl", $"{Row}\n{Row}\n");
        AnswerDataset many = Read("many.jsonl", string.Concat(Enumerable.Repeat(Row + "\n", 20)));

        Assert.HasCount(2, few.Rows);
        Assert.AreEqual("row1 (line 2) is the same as row0 (line 1).", few.Notes.Single());
        Assert.HasCount(11, many.Notes);
        Assert.AreEqual("9 more rows are the same as an earlier one.", many.Notes[^1]);
    }

    [TestMethod]
    public void Hash_RowsInAnotherOrder_IsTheSame()
    {
        AnswerPair a = TestRows.Single("A").Single();
        AnswerPair b = TestRows.Single("B", from: 1).Single();

        Assert.AreEqual(TestRows.Dataset([a, b]).Hash, TestRows.Dataset([b, a]).Hash);
        Assert.AreNotEqual(TestRows.Dataset([a, b]).Hash, TestRows.Dataset([a, b, b]).Hash);
        Assert.AreNotEqual(a.ContentHash, (a with { Question = a.Question + a.Matching, Matching = "" }).ContentHash);
        // Of "Q?", "(A)", "(B)" by another implementation of the definition: lengths in 64 bits, little endian, before each text.
        Assert.AreEqual("6379086add4575dd7980cf8970383765001561481f37f1748b7018ffae2da67a", new AnswerPair("x", 9, "Q?", "(A)", "(B)").ContentHash);
    }

    [TestMethod]
    public void ReadPrompts_JsonLines_GivesPairs()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["persona.jsonl"], """{"positive":"I am bold. (","negative":"I am shy. ("}""");
        File.WriteAllText(folder["persona.csv"], "positive,negative\nI am bold. (,I am shy. (\n");
        File.WriteAllText(folder["caa.json"], TwoRows);

        PromptDataset dataset = DatasetReader.ReadPrompts(folder["persona.jsonl"]);

        Assert.AreEqual(new PromptPair("row0", 1, "I am bold. (", "I am shy. ("), dataset.Rows.Single());
        Assert.AreEqual(dataset.Hash, DatasetReader.ReadPrompts(folder["persona.csv"]).Hash);
        Assert.IsTrue(DatasetReader.HoldsPrompts(folder["persona.jsonl"]));
        Assert.IsTrue(DatasetReader.HoldsPrompts(folder["persona.csv"]));
        Assert.IsFalse(DatasetReader.HoldsPrompts(folder["caa.json"]));
    }

    [TestMethod]
    public void ReadPrompts_SamePromptTwice_IsRefused()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["persona.jsonl"], """{"positive":"same","negative":"same"}""");

        string message = Assert.ThrowsExactly<EvalException>(() => DatasetReader.ReadPrompts(folder["persona.jsonl"])).Message;

        Assert.Contains("line 1 (row0): both prompts are the same", message);
    }

    private static AnswerDataset Read(string name, string text, DatasetReadOptions? options = null)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder[name], text);
        return DatasetReader.ReadAnswers(folder[name], options);
    }
}
