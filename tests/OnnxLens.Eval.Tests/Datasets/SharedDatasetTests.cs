using System.Text.Json;
using OnnxLens.Eval.Datasets;
using OnnxLens.Testing;
using OnnxLens.Tokenization;

namespace OnnxLens.Eval.Tests.Datasets;

/// <summary>Datasets and label tokens made by others.</summary>
[TestClass]
public sealed class SharedDatasetTests
{
    [TestMethod]
    public void Tokenize_SteeringEval_EqualsTheGoldenTokens()
    {
        PairSet[] sets = [SteeringEvalCase.Pairs("train"), SteeringEvalCase.Pairs("test")];
        LabelledPair[] pairs = [.. sets.SelectMany(set => set.Pairs)];
        JsonElement[] golden = [.. File.ReadLines(Path.Combine(SteeringEvalCase.Folder, "pairs.jsonl")).Select(line => JsonElement.Parse(line))];

        Assert.HasCount(60, golden);
        Assert.HasCount(golden.Length, pairs);
        Assert.IsTrue(sets.All(set => set.Skipped.IsEmpty));
        for (int i = 0; i < pairs.Length; i++)
        {
            int[] positive = Ids(golden[i].GetProperty("positive"));
            int[] negative = Ids(golden[i].GetProperty("negative"));
            int position = golden[i].GetProperty("label_position").GetInt32();
            Assert.AreSequenceEqual(positive[..position], pairs[i].Prompt.ToArray());
            Assert.AreSequenceEqual(Ids(golden[i].GetProperty("labels")), new[] { pairs[i].PositiveToken, pairs[i].NegativeToken });
            Assert.AreEqual(positive[position], pairs[i].PositiveToken);
            Assert.AreEqual(negative[position], pairs[i].NegativeToken);
        }
    }

    [TestMethod]
    [DataRow("golden/steering-eval/checkpoint")]
    [DataRow("golden/stories260K-hf")]
    public void Tokenize_AllSteeringFiles_AccountsForEveryRow(string tokenizerFolder)
    {
        string folder = SharedData.Require("data/steering");
        var model = Tokenizer.Load(SharedData.Require(tokenizerFolder));
        var tokenizer = new PairTokenizer(model, PromptForm.Raw);
        int files = 0;
        foreach (string path in Directory.EnumerateFiles(folder, "*.json*", SearchOption.AllDirectories))
        {
            if (path.EndsWith("open_ended.json", StringComparison.Ordinal))
                continue;
            AnswerDataset dataset = DatasetReader.ReadAnswers(path);
            PairSet set = tokenizer.Tokenize(dataset);
            files++;

            Assert.AreEqual(RowsOf(path), dataset.Rows.Length, path);
            Assert.AreEqual(dataset.Rows.Length, set.Pairs.Length + set.Skipped.Length, path);
            Assert.IsEmpty(set.Skipped, path);
            foreach ((LabelledPair pair, AnswerPair row) in set.Pairs.Zip(set.Rows))
            {
                Assert.AreEqual(row.Matching.Trim(' ', '(', ')'), pair.Letter, path);
                string positive = model.Decode([.. pair.Prompt, pair.PositiveToken], skipSpecial: true);
                string negative = model.Decode([.. pair.Prompt, pair.NegativeToken], skipSpecial: true);
                Assert.StartsWith(positive, PromptForm.Raw.FullString(row.Question, row.Matching));
                Assert.StartsWith(negative, PromptForm.Raw.FullString(row.Question, row.NotMatching));
                Assert.IsGreaterThan(row.Question.Length, positive.Length);
                Assert.AreNotEqual(positive, negative);
            }
        }

        Assert.AreEqual(13, files);
    }

    [TestMethod]
    public void ReadAnswers_OpenEndedQuestions_SaysThatAnswersAreMissing()
    {
        string folder = SharedData.Require("data/steering");
        string[] files = Directory.GetFiles(folder, "*open_ended.json", SearchOption.AllDirectories);

        Assert.HasCount(3, files);
        foreach (string path in files)
        {
            string message = Assert.ThrowsExactly<EvalException>(() => DatasetReader.ReadAnswers(path)).Message;
            Assert.Contains("has no 'answer_matching_behavior' in any row; its fields are: 'question'", message);
        }
    }

    [TestMethod]
    public void FullString_QuestionsThatEndWithAnswer_HaveOneAnswerLine()
    {
        string path = SharedData.Require("data/steering/anthropic-evals/advanced-ai-risk/human_generated_evals/survival-instinct.jsonl");
        AnswerDataset dataset = DatasetReader.ReadAnswers(path);

        Assert.IsTrue(dataset.Rows.Any(row => row.Question.EndsWith("Answer:", StringComparison.Ordinal)));
        foreach (AnswerPair row in dataset.Rows)
        {
            string full = PromptForm.Raw.FullString(row.Question, row.Matching);
            Assert.EndsWith("\n\nAnswer: " + row.Matching.Trim(), full);
            Assert.AreEqual(1, full.Split("Answer:").Length - 1);
        }
    }

    private static int RowsOf(string path) => path.EndsWith('l')
        ? File.ReadLines(path).Count(line => line.Length > 0)
        : JsonElement.Parse(File.ReadAllText(path)).GetArrayLength();

    private static int[] Ids(JsonElement list) => [.. list.EnumerateArray().Select(id => id.GetInt32())];
}
