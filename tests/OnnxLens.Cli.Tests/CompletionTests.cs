using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Completions;
using OnnxLens.Cli.Completion;

namespace OnnxLens.Cli.Tests;

/// <summary>Shell completion: what the program answers to a shell that asks. <c>.ci/install</c> has bash ask.</summary>
[TestClass]
public sealed class CompletionTests
{
    [TestMethod]
    [DataRow("onnxlens le", "lens")]
    [DataRow("onnxlens vector ", "combine compare convert extract info")]
    [DataRow("onnxlens vector extract b --method pca", "pca pca-centred")]
    [DataRow("onnxlens lens b --steer-o", "--steer-op")]
    [DataRow("onnxlens lens b --steer-op ", "ablate add add-norm")]
    [DataRow("onnxlens lens b --sites r", "resid_mid resid_post resid_pre")]
    [DataRow("onnxlens lens b --sites mlp_in,m", "mlp_in,mlp_out")]
    [DataRow("onnxlens sweep b --sites ", "attn_in mlp_in resid_post")]
    [DataRow("onnxlens drift a b --positions ", "all last")]
    [DataRow("onnxlens sweep b --plot ", "png svg")]
    [DataRow("onnxlens export c --precision int", "int4 int8")]
    [DataRow("onnxlens completion ", "bash fish pwsh zsh")]
    [DataRow("/some/where/onnxlens le", "lens")]
    [DataRow("onnxlens lens b --prompt 'two words' --steer-o", "--steer-op")]
    public void Suggest_WhatIsKnownBeforehand_IsListed(string line, string expected) => Assert.AreEqual(expected, Suggest(line));

    [TestMethod]
    [DataRow("onnxlens lens ")]
    [DataRow("onnxlens lens b --csv ")]
    [DataRow("onnxlens lens b --threads ")]
    [DataRow("onnxlens lens b --prompt 'Once up")]
    [DataRow("onnxlens info some/fi")]
    [DataRow("onnxlens")]
    [DataRow("")]
    public void Suggest_FilesAndTexts_AreLeftToTheShell(string line) => Assert.AreEqual("", Suggest(line));

    [TestMethod]
    public void Suggest_CursorWithinTheLine_LooksAtWhatIsBeforeIt()
    {
        Assert.AreEqual("lens\n", CliRunner.Run("[suggest:11]", "onnxlens le b --sites").Expect(ExitCodes.Done).Out);
        Assert.AreEqual("lens\n", CliRunner.Run("[suggest:99]", "onnxlens le").Expect(ExitCodes.Done).Out);
    }

    [TestMethod]
    public void Suggest_NoQuestion_IsAWrongCommandLine()
    {
        CliRunner.Run("[suggest:x]", "onnxlens le").ExpectError(ExitCodes.Usage, "is no command");
        CliRunner.Run("[suggest:1]").ExpectError(ExitCodes.Usage, "is no command");
    }

    [TestMethod]
    public void Choices_EveryName_IsThatOfAnOption()
    {
        string[] options = [.. CommandTrees.All().SelectMany(entry => entry.Command.Options.Select(option => option.Name))];
        Assert.IsEmpty(FixedChoices.Names.Except(options));
    }

    [TestMethod]
    public void Choices_EveryValue_IsTakenByItsCommand()
    {
        // What each command needs beside the option; nothing of it is there, so a value that is known ends in missing data, not in usage.
        Dictionary<string, string[]> rest = new()
        {
            ["lens"] = ["b", "--tokens", "1", "--steer", "v", "--csv", "o"],
            ["generate"] = ["b", "--tokens", "1", "--steer", "v"],
            ["sweep"] = ["b", "--dataset", "d", "--extract", "e", "--out", "o"],
            ["drift"] = ["a", "b", "--prompts", "p", "--dataset", "d", "--extract", "e", "--out", "o"],
            ["extract"] = ["b", "--dataset", "d", "--out", "v.safetensors"],
            ["export"] = ["c", "--out", "o"],
            ["instrument"] = ["c", "--out", "o"],
            ["info"] = ["b", "--plan"],
            ["convert"] = ["a.safetensors", "v.safetensors"],
        };
        int tried = 0;
        using var runner = new CliRunner();
        foreach ((Command command, string[] words) in CommandTrees.All())
        {
            foreach (Option option in command.Options)
            {
                ImmutableArray<string> values = [.. option.GetCompletions(CompletionContext.Empty).Select(item => item.Label).Where(_ => option.CompletionSources.Count > 0 && option.ValueType != typeof(bool))];
                foreach (string value in values)
                {
                    string[] quantised = option.Name == "--quantize" ? ["--precision", "int4"] : [];
                    CliOutcome outcome = runner.Invoke([.. words, .. rest[command.Name].Select(word => InFolder(runner, word)), .. quantised, option.Name, value]);
                    Assert.AreEqual(ExitCodes.BadData, outcome.Code, $"{command.Name} {option.Name} {value}: {outcome.Error}");
                    tried++;
                }
            }
        }

        Assert.IsGreaterThan(FixedChoices.Names.Count(), tried);
    }

    [TestMethod]
    [DataRow("bash", "complete ")]
    [DataRow("zsh", "#compdef onnxlens\n")]
    [DataRow("fish", "complete --command onnxlens")]
    [DataRow("pwsh", "Register-ArgumentCompleter")]
    public void Completion_Shell_PrintsItsScript(string shell, string fragment)
    {
        string script = CliRunner.Run("completion", shell).Expect(ExitCodes.Done).Out;
        Assert.Contains(fragment, script);
        Assert.Contains("[suggest:", script);
        Assert.DoesNotContain('\r', script);
    }

    [TestMethod]
    public void Completion_OtherShell_NamesThoseThereAre() => CliRunner.Run("completion", "tcsh").ExpectError(ExitCodes.Usage, "Write one of bash, zsh, fish, pwsh.");

    private static string Suggest(string line) =>
        string.Join(' ', CliRunner.Run($"[suggest:{line.Length}]", line).Expect(ExitCodes.Done).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Names of files, in a folder that goes with the test; options and numbers as they are.</summary>
    private static string InFolder(CliRunner runner, string word) => word.StartsWith("--", StringComparison.Ordinal) || word == "1" ? word : runner[word];
}
