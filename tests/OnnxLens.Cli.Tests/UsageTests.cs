namespace OnnxLens.Cli.Tests;

/// <summary>Command lines that are wrong: one message, no result, the right exit code.</summary>
[TestClass]
public sealed class UsageTests
{
    private const string Bundle = "BUNDLE";

    [TestMethod]
    [DataRow("bogus", "'bogus' is no command")]
    [DataRow("lens", "onnxlens lens --help")]
    [DataRow("lens BUNDLE", "There is no prompt")]
    [DataRow("lens BUNDLE --prompt a --tokens 1", "more than once")]
    [DataRow("lens BUNDLE --prompt a --prompt-file f", "more than once")]
    [DataRow("lens BUNDLE --tokens", "--tokens")]
    [DataRow("lens BUNDLE --tokens 1,x", "'x' in --tokens is no token id")]
    [DataRow("lens BUNDLE --tokens 1,,2", "'' in --tokens is no token id")]
    [DataRow("lens BUNDLE --tokens 1 --top-k 0", "'--top-k' is 0; it must be 1 or more")]
    [DataRow("lens BUNDLE --tokens 1 --top-k many", "'many' after '--top-k' is no whole number")]
    [DataRow("lens BUNDLE --tokens 1 --top-k", "--top-k")]
    [DataRow("generate BUNDLE --tokens 1 --temperature 0,8", "'0,8' after '--temperature' is no number")]
    [DataRow("generate BUNDLE --tokens 1 --seed -1", "'-1' after '--seed' is no whole number from 0")]
    [DataRow("lens BUNDLE --tokens 1 --generate 0", "'--generate' is 0")]
    [DataRow("lens BUNDLE --tokens 1 --temperature 1", "--temperature says how to generate, but nothing is generated")]
    [DataRow("lens BUNDLE --tokens 1 --ignore-eos", "--ignore-eos says how to generate")]
    [DataRow("lens BUNDLE --tokens 1 --logits", "give --activations FILE too")]
    [DataRow("lens BUNDLE --tokens 1 --beside page.html", "give --html FILE too")]
    [DataRow("lens BUNDLE --tokens 1 --html page.html --beside", "--beside")]
    [DataRow("lens BUNDLE --tokens 1 --html same --json same", "is named for two results")]
    [DataRow("lens BUNDLE --tokens 1 --html page.html --json old.html --beside old.html", "is read here, and a result would replace it")]
    [DataRow("lens BUNDLE --tokens 1 --candidates int3", "'int3' after --candidates is no form of candidates")]
    [DataRow("lens BUNDLE --tokens 1 --devices gpu", "'gpu' is no device")]
    [DataRow("lens BUNDLE --tokens 1 --threads -1", "'--threads' is -1")]
    [DataRow("lens BUNDLE --tokens 1 --threads 10000", "'--threads' is 10000; it must be 256 or less")]
    [DataRow("lens BUNDLE --tokens 1 --json same --activations same", "is named for two results")]
    [DataRow("lens BUNDLE --tokens 1 --json out/cells.csv --csv out", "is named for two results")]
    [DataRow("lens BUNDLE --tokens 1 --prompts p.jsonl --csv out", "more than once")]
    [DataRow("lens BUNDLE --prompts p.jsonl", "Give --csv DIR")]
    [DataRow("lens BUNDLE --prompts p.jsonl --csv out --generate 3", "--generate is for one prompt")]
    [DataRow("lens BUNDLE --prompts p.jsonl --csv out --json j", "--json is for one prompt")]
    [DataRow("lens BUNDLE --prompts p.jsonl --csv out --html h", "--html is for one prompt")]
    [DataRow("lens BUNDLE --prompts p.jsonl --csv out --activations a", "--activations is for one prompt")]
    [DataRow("lens BUNDLE --prompts out/cells.csv.partial --csv out", "is read here, and a result would replace it")]
    [DataRow("lens BUNDLE --tokens 1 --batch-tokens 64", "--batch-tokens says how many prompts run together")]
    [DataRow("lens BUNDLE --prompts p.jsonl --csv out --batch-tokens 0", "'--batch-tokens' is 0; it must be 1 or more")]
    [DataRow("generate BUNDLE --prompts p.jsonl", "'--prompts' is no command, argument or option here")]
    [DataRow("generate BUNDLE --tokens 1 --top-p 0", "'top-p' is 0; it must be more than 0")]
    [DataRow("generate BUNDLE --tokens 1 --temperature -1", "'temperature' is -1")]
    [DataRow("generate BUNDLE --tokens 1 --top-p 0.9", "'--top-p' says how to sample, but without --temperature")]
    [DataRow("generate BUNDLE --tokens 1 --seed 3", "'--seed' says how to sample")]
    [DataRow("lens BUNDLE --tokens 1 --generate 2 --min-p 0.1", "'--min-p' says how to sample")]
    [DataRow("instrument ONNX --out x --check-tokens 1,y", "'y' in --check-tokens is no token id")]
    [DataRow("generate BUNDLE --tokens 1 --stop-id x", "'x' after --stop-id is no token id")]
    [DataRow("generate BUNDLE --tokens 1 --layers 3", "'--layers' is no command, argument or option here")]
    [DataRow("export BUNDLE", "--out")]
    [DataRow("export BUNDLE --out x --weights melt", "'melt' is no way to hold weights")]
    [DataRow("export BUNDLE --out x --precision fp8", "'fp8' is no precision")]
    [DataRow("export BUNDLE --out x --precision fp8", "Quantised weights are: int4, int8")]
    [DataRow("export BUNDLE --out x --precision int4 --block-size 48", "'block-size' is 48; it must be a power of two from 16 to 256")]
    [DataRow("export BUNDLE --out x --precision int8 --block-size 512", "'block-size' is 512")]
    [DataRow("export BUNDLE --out x --precision int4 --accuracy-level 2", "'accuracy-level' is 2; levels are 1")]
    [DataRow("export BUNDLE --out x --precision int4 --quantize head", "'head' is nothing that can be quantised")]
    [DataRow("export BUNDLE --out x --accuracy-level 4", "'--accuracy-level' says how weights are quantised, and none are")]
    [DataRow("export BUNDLE --out x --precision fp32 --block-size 32", "'--block-size' says how weights are quantised")]
    [DataRow("export BUNDLE --out x --precision fp16 --asymmetric", "'--asymmetric' says how weights are quantised")]
    [DataRow("export BUNDLE --out x --quantize all", "'--quantize' says how weights are quantised")]
    [DataRow("export BUNDLE --out x --shards 0", "'--shards' is 0")]
    [DataRow("tokenize BUNDLE", "Give either a text or --file FILE")]
    [DataRow("tokenize BUNDLE text --file f", "Give either a text or --file FILE")]
    [DataRow("info", "onnxlens info --help")]
    [DataRow("gate --result r.json", "--baseline")]
    [DataRow("gate --baseline b.json", "--result")]
    [DataRow("gate --baseline b.json --result r.json --update --junit j.xml", "'--update' compares nothing")]
    [DataRow("gate --baseline b.json --result r.json --junit same --markdown same", "is named for two results")]
    [DataRow("gate --baseline same --result same --update", "is named for two results")]
    [DataRow("lens BUNDLE --tokens 1 --html -", "'-' would be standard output")]
    [DataRow("lens BUNDLE --tokens 1 --csv -", "'-' would be standard output")]
    [DataRow("sweep BUNDLE --dataset d --vector v --out -", "'-' would be standard output")]
    [DataRow("export BUNDLE --out -", "'-' would be standard output")]
    [DataRow("instrument BUNDLE --out -", "'-' would be standard output")]
    [DataRow("gate --baseline b.json --result r.json --markdown -", "'-' would be standard output")]
    [DataRow("vector convert a.safetensors -", "'-' would be standard output")]
    [DataRow("demo --out -", "'-' would be standard output")]
    [DataRow("sweep BUNDLE --dataset my+set=d.json --vector v", "'my+set' before '=' in '--dataset my+set=d.json' can be no name: it has '+'. A name has letters A to Z, digits, '_', '-' and '.'. If the file itself is called so, write './my+set=d.json'.")]
    [DataRow("sweep BUNDLE --dataset d --vector größe=v.gguf", "'größe' before '=' in '--vector größe=v.gguf' can be no name: it has 'ö'.")]
    [DataRow("drift BUNDLE BUNDLE --prompts p --dataset d --vector v:1=v", "'v:1' before '=' in '--vector v:1=v' can be no name: it has ':'.")]
    [DataRow("drift BUNDLE BUNDLE --prompts p --dataset d --extract =v", "'' before '=' in '--extract =v' can be no name: it is empty.")]
    [DataRow("vector extract BUNDLE --dataset 😀=d --out v.safetensors", "can be no name: it has '😀'.")]
    [DataRow("lens BUNDLE --tokens 1 --sites nowhere", "Unknown site 'nowhere'")]
    [DataRow("lens BUNDLE --tokens 1 --layers some", "'some' selects no layers")]
    [DataRow("lens BUNDLE --tokens 1,2 --positions here", "'here' selects no positions")]
    [DataRow("sweep BUNDLE --dataset d --vector v --sites nowhere", "Unknown site 'nowhere'")]
    [DataRow("sweep BUNDLE --dataset d --vector v --layers some", "'some' selects no layers")]
    [DataRow("sweep BUNDLE --dataset d --vector v --multipliers a", "'a'")]
    [DataRow("sweep BUNDLE --dataset d --vector v --multipliers 1", "at least two different ones")]
    [DataRow("drift BUNDLE BUNDLE --prompts p --sites nowhere", "Unknown site 'nowhere'")]
    [DataRow("drift BUNDLE BUNDLE --prompts p --dataset d --vector v --steer-layers some", "'some' selects no layers")]
    [DataRow("vector extract BUNDLE --dataset d --out v.safetensors --sites nowhere", "Unknown site 'nowhere'")]
    [DataRow("export BUNDLE --out x --shards 2 --devices cpu,cpu,cpu", "3 devices were named for 2 shards")]
    [DataRow("instrument BUNDLE --out x --shards 2 --devices cpu,cpu,cpu", "3 devices were named for 2 shards")]
    [DataRow("export BUNDLE --out x --layout genai --weights reference", "Use '--weights link'")]
    [DataRow("export BUNDLE --out x --layout genai --devices cuda:0", "Leave '--devices' out")]
    [DataRow("instrument ONNX --out x --ep-library NOTHING", "The folder after '--ep-library' is empty")]
    [DataRow("lens BUNDLE --tokens 1 --ep-library NOTHING", "The folder after '--ep-library' is empty")]
    public void Run_WrongCommandLine_IsUsageError(string line, string fragment)
    {
        string[] args = [.. line.Split(' ').Select(word => word == Bundle ? Models.LlamaBundle : word == "NOTHING" ? "" : word)];
        CliRunner.Run(args).ExpectError(ExitCodes.Usage, fragment);
    }

    [TestMethod]
    [DataRow("lenz BUNDLE", "'lenz' is no command, argument or option here. Did you mean 'lens'? Try 'onnxlens --help'.")]
    [DataRow("vector extrct BUNDLE", "Did you mean 'extract'? Try 'onnxlens vector --help'.")]
    [DataRow("lens BUNDLE --promt a", "'--promt' is no command, argument or option here. Did you mean '--prompt'? Try 'onnxlens lens --help'.")]
    [DataRow("lens --promt a", "'--promt' is no command, argument or option here. Did you mean '--prompt'? Behind '--' it is taken as it is. Try")]
    [DataRow("lens BUNDLE --tokens 1 --sitse=mlp_in", "'--sitse' is no command, argument or option here. Did you mean '--sites'?")]
    [DataRow("lens BUNDLE --tokens 1 --gener 3", "Did you mean '--generate'?")]
    [DataRow("generate BUNDLE --tokens 1 --top-q 0.9", "Did you mean '--top-k' or '--top-p'?")]
    [DataRow("tokenize BUNDLE --jsn", "'--jsn' is no command, argument or option here. Did you mean '--json'? Behind '--' it is taken as it is.")]
    [DataRow("generate BUNDLE --tokens 1 --layers 3", "'--layers' is no command, argument or option here. Try")]
    public void Run_NameWithASlip_NamesTheNearest(string line, string fragment) =>
        CliRunner.Run([.. line.Split(' ').Select(word => word == Bundle ? Models.LlamaBundle : word)]).ExpectError(ExitCodes.Usage, fragment);

    [TestMethod]
    public void Run_TextThatLooksLikeAnOption_IsTakenBehindTwoDashes()
    {
        CliRunner.Run("tokenize", Models.DemoBundle, "--", "--jsn").Expect(ExitCodes.Done);
        CliRunner.Run("tokenize", Models.DemoBundle, "--anything-else").Expect(ExitCodes.Done);
    }

    [TestMethod]
    [DataRow("lens BUNDLE --tokens 1 --html OUT --beside FOLDER", "is a folder, where a file was expected. Give a page, the HTML file")]
    [DataRow("lens BUNDLE --prompt-file FOLDER", "is a folder")]
    [DataRow("lens BUNDLE --prompts FOLDER --csv OUT", "is a folder")]
    [DataRow("lens BUNDLE --tokens 1 --steer FOLDER", "is a folder")]
    [DataRow("lens BUNDLE --tokens 1 --html FOLDER", "is a folder")]
    [DataRow("tokenize BUNDLE --file FOLDER", "is a folder, where a file was expected")]
    [DataRow("dataset info FOLDER", "is a folder")]
    [DataRow("vector info FOLDER", "is a folder")]
    [DataRow("vector convert FOLDER OUT.safetensors", "is a folder")]
    [DataRow("sweep BUNDLE --dataset FOLDER --vector VECTOR", "is a folder")]
    [DataRow("sweep BUNDLE --dataset DATASET --vector VECTOR --text FOLDER", "is a folder")]
    [DataRow("sweep BUNDLE --dataset DATASET --vector VECTOR --splits FOLDER --split test", "is a folder")]
    [DataRow("drift BUNDLE BUNDLE --prompts FOLDER", "is a folder")]
    [DataRow("gate --baseline FOLDER --result OUT", "is a folder, where a file was expected")]
    public void Run_FolderWhereAFileIsExpected_SaysSo(string line, string fragment)
    {
        using var runner = new CliRunner();
        var words = new Dictionary<string, string>
        {
            [Bundle] = Models.DemoBundle,
            ["FOLDER"] = Directory.CreateDirectory(runner["a.folder"]).FullName,
            ["OUT"] = runner["out"],
            ["OUT.safetensors"] = runner["out.safetensors"],
            ["VECTOR"] = SteeringDemo.Write(runner["v.safetensors"], 3),
            ["DATASET"] = SteeringDemo.Dataset("bold-test.json"),
        };
        CliOutcome outcome = runner.Invoke([.. line.Split(' ').Select(word => words.GetValueOrDefault(word, word))]);
        outcome.ExpectError(ExitCodes.BadData, fragment);
        Assert.Contains("a.folder'", outcome.Error);
    }

    [TestMethod]
    [DataRow("lens BUNDLE --prompt a", "no tokenizer files")]
    [DataRow("lens BUNDLE --tokens 99999999999", "Token id 99999999999 is out of range")]
    [DataRow("lens BUNDLE --tokens 320", "Token id 320 is out of range: the model's vocabulary has ids 0 to 319")]
    [DataRow("lens BUNDLE --tokens 1 --layers 4", "There is no layer 4")]
    [DataRow("lens BUNDLE --tokens 1,2 --positions 2", "There is no position 2")]
    [DataRow("lens BUNDLE --tokens 1,2 --positions generated", "'generated' selects no position")]
    [DataRow("lens BUNDLE --tokens 1,2 --generate 3 --positions 5", "There is no position 5")]
    [DataRow("lens BUNDLE --tokens 1 --top-k 321", "Top-321 is out of range")]
    [DataRow("lens BUNDLE --tokens 1 --generate 512", "this bundle runs at most 512")]
    [DataRow("lens BUNDLE --tokens 1 --target Paris", "Give an id, e.g. --target id:123")]
    [DataRow("lens BUNDLE --tokens 1 --target id:320", "Target id 320 is out of range")]
    [DataRow("lens BUNDLE --tokens 1 --devices cpu,cpu,cpu", "3 devices were named for a bundle of 2 shard(s)")]
    [DataRow("generate BUNDLE --tokens 1 --stop-id 320", "Stop id 320 is out of range")]
    [DataRow("generate BUNDLE --tokens 1 --stop end", "Give ids with --stop-id")]
    [DataRow("generate BUNDLE --tokens 1 --max-new-tokens 512", "The prompt's 1 tokens and 512 more are 513")]
    [DataRow("lens BUNDLE --tokens -1", "Token id -1 is out of range")]
    public void Run_WhatTheModelDoesNotHave_IsBadData(string line, string fragment)
    {
        string[] args = [.. line.Split(' ').Select(word => word == Bundle ? Models.LlamaBundle : word)];
        CliRunner.Run(args).ExpectError(ExitCodes.BadData, fragment);
    }

    [TestMethod]
    [DataRow("lens")]
    [DataRow("generate")]
    public void Run_EmptyPrompt_IsBadData(string command) =>
        CliRunner.Run(command, Models.LlamaBundle, "--prompt", "").ExpectError(ExitCodes.BadData, "The prompt is empty");

    [TestMethod]
    [DataRow("")]
    [DataRow(" ")]
    public void Run_EmptyListOfTokens_IsBadData(string ids) =>
        CliRunner.Run("lens", Models.LlamaBundle, "--tokens", ids).ExpectError(ExitCodes.BadData, "The prompt is empty");

    [TestMethod]
    [DataRow("lens")]
    [DataRow("generate")]
    public void Run_PromptFileThatCannotBeRead_IsBadData(string command)
    {
        using var runner = new CliRunner();
        File.WriteAllBytes(runner["latin1.txt"], [0x63, 0xE9]);
        runner.Invoke(command, Models.LlamaBundle, "--prompt-file", runner["missing.txt"]).ExpectError(ExitCodes.BadData, "missing.txt' cannot be read");
        runner.Invoke(command, Models.LlamaBundle, "--prompt-file", runner["latin1.txt"]).ExpectError(ExitCodes.BadData, "latin1.txt' is not UTF-8");
    }

    [TestMethod]
    [DataRow("lens NOWHERE --tokens 1")]
    [DataRow("generate NOWHERE --tokens 1")]
    [DataRow("info NOWHERE")]
    [DataRow("tokenize NOWHERE text")]
    [DataRow("export NOWHERE --out x")]
    public void Run_FolderThatIsNotThere_IsBadData(string line)
    {
        using var runner = new CliRunner();
        runner.Invoke([.. line.Split(' ').Select(word => word == "NOWHERE" ? runner["nowhere"] : word)]).ExpectError(ExitCodes.BadData, "There is no folder");
    }

    [TestMethod]
    [DataRow("lens PATH --tokens 1")]
    [DataRow("generate PATH --tokens 1")]
    [DataRow("info PATH")]
    public void Run_PathThatIsNoModel_SaysWhatCanBeGiven(string line)
    {
        using var runner = new CliRunner();
        File.WriteAllText(runner["notes.txt"], "no model");
        Directory.CreateDirectory(runner["empty"]);
        Directory.CreateDirectory(runner["other"]);
        File.WriteAllText(runner["other/notes.txt"], "no model");
        foreach ((string path, string problem) in new[] { ("notes.txt", "is a file, and no .onnx file"), ("empty", "is empty"), ("other", "it holds: notes.txt."), ("nowhere", "There is no folder or file") })
        {
            CliOutcome outcome = runner.Invoke([.. line.Split(' ').Select(word => word == "PATH" ? runner[path] : word)]);
            outcome.ExpectError(ExitCodes.BadData, problem);
            foreach (string accepted in new[] { "'onnxlens export' and 'onnxlens instrument'", "config.json and .safetensors", "model.onnx" })
            {
                Assert.Contains(accepted, outcome.Error);
            }
        }
    }

    [TestMethod]
    public void Run_OutputThatCannotBeWritten_IsRefusedBeforeTheRun()
    {
        using var runner = new CliRunner();
        string file = runner["file"];
        File.WriteAllText(file, "kept");
        string folder = Directory.CreateDirectory(runner["folder"]).FullName;
        string[] start = ["lens", Models.LlamaBundle, "--tokens", "1"];
        runner.Invoke([.. start, "--csv", file]).ExpectError(ExitCodes.BadData, "it is a file");
        runner.Invoke([.. start, "--json", folder]).ExpectError(ExitCodes.BadData, "it is a folder");
        runner.Invoke([.. start, "--activations", Path.Combine(file, "x.safetensors")]).ExpectError(ExitCodes.BadData, "is a file");
        Assert.AreEqual("kept", File.ReadAllText(file));
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder));
    }

    [TestMethod]
    public void Run_NothingGiven_PrintsHelpAndIsUsageError()
    {
        CliOutcome outcome = CliRunner.Run().Expect(ExitCodes.Usage);
        Assert.Contains("onnxlens [command] [options]", outcome.Out);
    }

    [TestMethod]
    [DataRow("lens")]
    [DataRow("generate")]
    [DataRow("sweep")]
    [DataRow("drift")]
    [DataRow("tokenize")]
    [DataRow("vector extract")]
    public void Help_CommandThatTakesAModel_NamesOnnx(string command) =>
        Assert.Contains("ONNX decoder", string.Join(' ', CliRunner.Run([.. command.Split(' '), "--help"]).Expect(ExitCodes.Done).Out.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    [TestMethod]
    public void Run_SomethingNobodyThoughtOf_IsOneMessageThatCallsItABug()
    {
        using var console = new Spectre.Console.Testing.TestConsole();
        using var error = new StringWriter { NewLine = "\n" };
        var host = new CliHost { Console = console, Error = error, OutputIsTerminal = false, ErrorIsTerminal = false, CacheFolder = "a\0b" };
        int code = CliApp.RunAsync(["lens", Models.Llama.Folder, "--tokens", "1", "--quiet"], host, CancellationToken.None).GetAwaiter().GetResult();
        new CliOutcome(code, console.Output, error.ToString()).ExpectError(ExitCodes.BadData, "this is a bug in onnxlens, please report it: ArgumentException: ");
    }
}
