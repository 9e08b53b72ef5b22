using System.Globalization;
using System.Text.Json;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens lens --prompts</c>: the lens of many prompts in files, gone on with where a run was stopped.</summary>
[TestClass]
public sealed class LensPromptsTests : IDisposable
{
    private const string Journal = "lens.partial.jsonl";

    private readonly CliRunner _runner = new();

    public void Dispose() => _runner.Dispose();

    [TestMethod]
    public void Lens_Prompts_GiveTheRowsOfEachPromptAlone()
    {
        Write("{\"id\": \"a, b\", \"prompt\": \"Once upon a time\"}\n\n\"The little dog ran to the park and played with a ball\"\n{\"tokens\": [1, 403, 407]}\n{\"id\": 7, \"text\": \"Lily\"}\n");
        string[] options = ["--sites", "resid_post,mlp_in", "--target", " do", "--threads", "1"];
        CliOutcome outcome = _runner.Invoke(Command("out", Models.StoriesBundle, options)).Expect(ExitCodes.Done);
        Assert.MatchesRegex(@"^4 prompt\(s\), \d+ token\(s\) in \d+\.\d s(: \d+ tokens/s)?\n$", outcome.Out);
        Assert.AreSequenceEqual(["cells.csv", "provenance.json", "targets.csv", "topk.csv"], Files("out"));
        (string Name, string[] Prompt)[] prompts =
        [
            ("\"a, b\"", ["--prompt", "Once upon a time"]), ("3", ["--prompt", "The little dog ran to the park and played with a ball"]), ("4", ["--tokens", "1,403,407"]), ("7", ["--prompt", "Lily"]),
        ];
        foreach (string file in new[] { "cells.csv", "topk.csv", "targets.csv" })
        {
            List<string> expected = [];
            for (int i = 0; i < prompts.Length; i++)
            {
                _runner.Invoke(["lens", Models.StoriesBundle, .. prompts[i].Prompt, "--csv", _runner["alone"], .. options]).Expect(ExitCodes.Done);
                string[] lines = File.ReadAllText(_runner[$"alone/{file}"]).TrimEnd('\n').Split('\n');
                Assert.StartsWith("sequence,position,", lines[0]);
                if (i == 0)
                {
                    expected.Add("prompt," + lines[0]);
                }

                expected.AddRange(lines.Skip(1).Select(line => $"{prompts[i].Name},{i}{line[1..]}"));
            }

            Assert.AreEqual(string.Join('\n', expected) + "\n", File.ReadAllText(_runner[$"out/{file}"]), file);
        }
    }

    [TestMethod]
    public void Lens_PromptsOfPlainText_AreNamedByTheirLines()
    {
        File.WriteAllText(_runner["prompts.txt"], "Once upon a time\n\nLily had a dog\n");
        _runner.Invoke("lens", Models.StoriesBundle, "--prompts", _runner["prompts.txt"], "--csv", _runner["out"], "--positions", "last").Expect(ExitCodes.Done);
        Assert.AreSequenceEqual(["prompt", "1", "3"], File.ReadLines(_runner["out/cells.csv"]).Select(line => line.Split(',')[0]).Distinct().ToArray());
    }

    [TestMethod]
    public void Lens_PromptsSteered_CountsInAllPrompts()
    {
        Write("\"Once upon a time\"\n\"There was a bold dog\"\n");
        CliOutcome outcome = _runner.Invoke(Command("out", Models.DemoBundle, ["--steer", $"{SteeringDemo.Bold}@mlp_in.3", "--steer-positions", "all"])).Expect(ExitCodes.Done);
        using JsonDocument provenance = JsonDocument.Parse(File.ReadAllBytes(_runner["out/provenance.json"]));
        JsonElement root = provenance.RootElement;
        Assert.AreEqual(2, root.GetProperty("prompts").GetInt32());
        Assert.AreEqual(root.GetProperty("tokens").GetInt64(), root.GetProperty("steering")[0].GetProperty("applied").GetInt64());
        Assert.Contains($"applied at {root.GetProperty("tokens").GetInt64()} position(s)", outcome.Error);
        _runner.Invoke(Command("plain", Models.DemoBundle, [])).Expect(ExitCodes.Done);
        Assert.AreNotEqual(File.ReadAllText(_runner["plain/cells.csv"]), File.ReadAllText(_runner["out/cells.csv"]));
    }

    [TestMethod]
    public void Lens_PromptsCancelled_GoOnToTheFilesOfAnUnbrokenRun()
    {
        WriteMany(400);
        using var source = new CancellationTokenSource();
        Task cancelling = Task.Run(() => CancelOnceRowsAreThere(_runner["out/cells.csv.partial"], source));
        CliOutcome cancelled = _runner.Invoke(source.Token, Command("out", Models.DemoBundle, Wide)).Expect(ExitCodes.Cancelled);
        cancelling.GetAwaiter().GetResult();
        Assert.AreEqual("", cancelled.Out);
        int done = LastOf("out").GetProperty("progress").GetProperty("prompts").GetInt32();
        Assert.IsInRange(1, 399, done);
        Assert.Contains($"cancelled after {done} of 400 prompts; give the same command again to go on from there", cancelled.Error);
        Assert.AreSequenceEqual(["cells.csv.partial", Journal, "topk.csv.partial"], Files("out"));
        _runner.Invoke(Command("whole", Models.DemoBundle, Wide)).Expect(ExitCodes.Done);

        Copy("out", "killed"); // Rows were added after what the journal says is whole, the last one half.
        File.AppendAllText(_runner["killed/cells.csv.partial"], "400,");
        File.AppendAllText(_runner["killed/topk.csv.partial"], "400,9,9\n");
        Copy("out", "torn"); // The journal's last line was cut off, which takes back all that it said.
        File.WriteAllText(_runner[$"torn/{Journal}"], File.ReadAllText(_runner[$"torn/{Journal}"])[..^5]);
        Copy("out", "short"); // A table lost its end, as with the power.
        using (FileStream cells = File.OpenWrite(_runner["short/cells.csv.partial"]))
        {
            cells.SetLength(cells.Length / 2);
        }

        foreach (string folder in new[] { "out", "killed", "torn", "short" })
        {
            CliOutcome resumed = _runner.Invoke(Command(folder, Models.DemoBundle, Wide)).Expect(ExitCodes.Done);
            if (folder is "out" or "killed")
            {
                Assert.Contains($"went on from {done} prompts of an earlier run", resumed.Error, folder);
                Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{400 - done} prompt(s), "), resumed.Out);
            }

            AssertSame("whole", folder);
        }
    }

    [TestMethod]
    public void Lens_PromptsWhoseFilesCannotBeNamed_EndWhenTheyCan()
    {
        WriteMany(3);
        Directory.CreateDirectory(_runner["out/topk.csv"]);
        _runner.Invoke(Command("out", Models.DemoBundle, [])).ExpectError(ExitCodes.BadData, "topk.csv'");
        Assert.AreSequenceEqual(["cells.csv", Journal, "topk.csv", "topk.csv.partial"], Files("out"));
        Directory.Delete(_runner["out/topk.csv"]);
        CliOutcome outcome = _runner.Invoke(Command("out", Models.DemoBundle, [])).Expect(ExitCodes.Done);
        Assert.Contains("went on from 3 prompts of an earlier run", outcome.Error);
        Assert.StartsWith("0 prompt(s), 0 token(s)", outcome.Out);
        _runner.Invoke(Command("whole", Models.DemoBundle, [])).Expect(ExitCodes.Done);
        AssertSame("whole", "out");
    }

    [TestMethod]
    [DataRow("--top-k 2", "top-k is '5' there and '2' here")]
    [DataRow("--positions last", "positions is 'all' there and 'last' here")]
    [DataRow("--layers 3", "points is 'resid_post.0,")]
    [DataRow("--target id:5", "targets is '' there and '5' here")]
    [DataRow("--steer BOLD", "steering is '' there and '")]
    [DataRow("PROMPTS", "prompts is '")]
    public void Lens_PromptsOfAnotherRunInTheFolder_AreRefusedNamingWhatDiffers(string change, string fragment)
    {
        WriteMany(3);
        Directory.CreateDirectory(_runner["out/topk.csv"]);
        _runner.Invoke(Command("out", Models.DemoBundle, [])).Expect(ExitCodes.BadData);
        Directory.Delete(_runner["out/topk.csv"]);
        Dictionary<string, string> before = Files("out").ToDictionary(file => file, file => File.ReadAllText(_runner[$"out/{file}"]));
        if (change == "PROMPTS")
        {
            WriteMany(4);
            change = "";
        }

        string[] options = change.Replace("BOLD", $"{SteeringDemo.Bold}@mlp_in.3", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        _runner.Invoke(Command("out", Models.DemoBundle, options)).ExpectError(ExitCodes.BadData, $"holds the prompts of another batch: {fragment}");
        Assert.AreSequenceEqual(before.Keys.ToArray(), Files("out"));
        Assert.IsTrue(before.All(file => file.Value == File.ReadAllText(_runner[$"out/{file.Key}"])));
    }

    [TestMethod]
    [DataRow("{\"id\": \"a\"}", "line 2: expected an object with the prompt in 'text' or 'prompt'")]
    [DataRow("{\"prompt\": \"a\", \"tokens\": [1]}", "line 2: expected an object")]
    [DataRow("{\"prompt\": \"a\", \"text\": \"a\"}", "line 2: expected an object")]
    [DataRow("{\"prompt\": [1]}", "line 2: expected an object")]
    [DataRow("{\"tokens\": \"a\"}", "line 2: expected an object")]
    [DataRow("{\"id\": [1], \"prompt\": \"a\"}", "line 2: expected an object")]
    [DataRow("{\"id\": \"\", \"prompt\": \"a\"}", "line 2: expected an object")]
    [DataRow("not json", "line 2: this is no JSON")]
    [DataRow("\"\"", "line 2: The prompt is empty")]
    [DataRow("[]", "line 2: The prompt has no tokens")]
    [DataRow("[1, 99999]", "line 2: Token id 99999 is out of range")]
    [DataRow("[LONG]", "line 2: The prompt has 2000 tokens")]
    [DataRow("[1]", "line 2: There is no position 1")]
    [DataRow("{\"id\": 1, \"tokens\": [1, 2]}", "line 2: the id '1' is that of line 1 too")]
    public void Lens_PromptsWithABadLine_AreRefusedBeforeAnythingRuns(string line, string fragment)
    {
        Write($"[1, 2]\n{line.Replace("LONG", string.Join(',', Enumerable.Repeat(1, 2000)), StringComparison.Ordinal)}\n");
        _runner.Invoke(Command("out", Models.StoriesBundle, ["--positions", "1"])).ExpectError(ExitCodes.BadData, fragment);
        Assert.IsFalse(Directory.Exists(_runner["out"]));
    }

    [TestMethod]
    public void Lens_PromptsWhereSteeringReachesNothing_AreRefusedByLine()
    {
        Write("[1, 2, 3]\n[1]\n");
        _runner.Invoke(Command("out", Models.DemoBundle, ["--steer", $"{SteeringDemo.Bold}@mlp_in.3", "--steer-positions", "2"]))
            .ExpectError(ExitCodes.BadData, "line 2: The steering positions '2' name one that a prompt of 1 tokens does not have");
    }

    private static readonly string[] Wide = ["--batch-tokens", "64", "--top-k", "2"];

    private static void CancelOnceRowsAreThere(string table, CancellationTokenSource source)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (patience.Elapsed < TimeSpan.FromMinutes(1) && new FileInfo(table) is not { Exists: true, Length: > 0 })
        {
            Thread.Sleep(1);
        }

        source.Cancel();
    }

    private string[] Command(string folder, string bundle, string[] options) => ["lens", bundle, "--prompts", _runner["prompts.jsonl"], "--csv", _runner[folder], .. options];

    private void Write(string text) => File.WriteAllText(_runner["prompts.jsonl"], text);

    /// <summary>Prompts of 1 to 40 tokens, in no order.</summary>
    private void WriteMany(int count) =>
        Write(string.Concat(Enumerable.Range(0, count).Select(i => $"[{string.Join(',', Enumerable.Range(0, 1 + (i * 17 % 40)).Select(t => ((i * 7) + t) % 200))}]\n")));

    private JsonElement LastOf(string folder)
    {
        using JsonDocument line = JsonDocument.Parse(File.ReadAllLines(_runner[$"{folder}/{Journal}"])[^1]);
        return line.RootElement.Clone();
    }

    private void Copy(string from, string to)
    {
        Directory.CreateDirectory(_runner[to]);
        foreach (string file in Files(from))
        {
            File.Copy(_runner[$"{from}/{file}"], _runner[$"{to}/{file}"]);
        }
    }

    private void AssertSame(string whole, string resumed)
    {
        string[] files = Files(whole);
        Assert.Contains("cells.csv", files);
        Assert.AreSequenceEqual(files, Files(resumed));
        foreach (string file in files)
        {
            Assert.AreEqual(File.ReadAllText(_runner[$"{whole}/{file}"]), File.ReadAllText(_runner[$"{resumed}/{file}"]), $"{resumed}/{file}");
        }
    }

    private string[] Files(string folder) => [.. Directory.GetFileSystemEntries(_runner[folder]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
