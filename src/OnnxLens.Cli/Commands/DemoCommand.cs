using System.CommandLine;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Export;
using OnnxLens.Generation;
using OnnxLens.Lens;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens demo</c>: everything once, on the small model that ships with the program.</summary>
internal static class DemoCommand
{
    private const string Description = "Unpacks the demo model and datasets that are part of onnxlens, exports the model in two shards, runs the lens on a prompt, generates a few tokens, makes a steering vector, measures and uses it, and writes CSV, JSON, a page for a browser, activations, the vector and a picture.";
    private const string PromptText = "Anna comes from the country of";
    private const string Answer = " Germany";
    private const int Shards = 2;
    private const int NewTokens = 8;

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        Option<string?> folder = Options.Text("--out", "DIR", "Where to write; must be new or empty. Default: a fresh folder for temporary files.");
        Option<bool> quiet = Options.Quiet();
        var command = new ExampleCommand("demo", Description, ["onnxlens demo", "onnxlens demo --out demo-run"]) { folder, quiet };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(host, parsed.GetValue(folder), parsed.GetValue(quiet), cancellation)));
        return command;
    }

    private static int Run(CliHost host, string? folder, bool quiet, CancellationToken cancellation)
    {
        string output = Output(folder);
        DemoFiles.Unpack(output);
        string bundle = Path.Combine(output, "bundle");
        using (var progress = new ProgressLine(host, quiet))
        {
            BundleExporter.Export(DemoFiles.Checkpoint(output), bundle, new ExportOptions { Shards = Shards, Weights = WeightsMode.Copy }, progress, cancellation);
        }

        GridWriter.WriteText(host, $"The demo model answers '{PromptText}' with '{Answer}'. See at which layer the answer appears.");
        host.Out.WriteLine();
        int code = LensCommand.Run(host, Arguments(output, bundle) with { Quiet = quiet }, cancellation);
        if (code == ExitCodes.Done)
        {
            host.Out.WriteLine();
            code = new DemoSteering(host, bundle, output, quiet).Run(cancellation);
            host.Out.WriteLine();
        }

        host.Out.WriteLine(VisibleText.ForTerminal($"Checkpoint, datasets, bundle, tables (CSV, JSON), activations, vector and sweep are in {output}"));
        if (code == ExitCodes.Done)
        {
            host.Out.WriteLine(VisibleText.ForTerminal($"To look at the lens, open {PageFile(output)} in a browser."));
        }

        return code;
    }

    private static LensArguments Arguments(string output, string bundle) => new()
    {
        Folder = bundle,
        Prompt = new PromptSource(PromptText, null, null),
        Generation = new GenerationArguments(new GenerationOptions { MaxNewTokens = NewTokens }, IgnoreEos: false, CountWasGiven: true),
        Positions = PositionSelection.Parse("prompt"),
        Targets = [Answer],
        CsvFolder = Path.Combine(output, "csv"),
        JsonFile = Path.Combine(output, "lens.json"),
        HtmlFile = PageFile(output),
        ActivationsFile = Path.Combine(output, "activations.safetensors"),
        Logits = true,
    };

    private static string PageFile(string output) => Path.Combine(output, "lens.html");

    private static string Output(string? folder)
    {
        if (folder is null)
        {
            string fresh = "";
            OutputException.NameRefusals(Path.GetTempPath(), () => fresh = Directory.CreateTempSubdirectory("onnxlens-demo-").FullName);
            return fresh;
        }

        OutputPaths.RequireFolder(folder);
        return !Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any()
            ? Path.GetFullPath(folder)
            : throw new OutputException($"'{folder}' is not empty. Give a new or an empty folder.", folder);
    }
}
