using System.CommandLine;
using OnnxLens.Cli.Rendering;
using OnnxLens.Export;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens export</c>: turns a checkpoint into a bundle.</summary>
internal static class ExportCommand
{
    private const string Description = "Exports a Hugging Face checkpoint (config.json and .safetensors files) to a lens bundle. The weights stay as they are, unless int4 or int8 is asked for.";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        Argument<string> checkpoint = Options.Folder("checkpoint", "Folder with config.json and .safetensors weights.");
        var bundle = new Option<string>("--out") { HelpName = "BUNDLE", Description = "The bundle's folder; must not exist yet.", Required = true };
        Option<int?> shards = Options.Count("--shards", "Cut the layers into N shards. Default: one for each device, else 1.");
        Option<string?> devices = Options.Text("--devices", "LIST", "Devices of the shards with commas: cpu, cuda:0. Default: cpu.");
        Option<int?> maxLength = Options.Count("--max-length", "The longest sequence to run. Default: the model's own, at most 4096.");
        Option<string?> weights = Options.Text("--weights", "HOW", "How the bundle holds the weights: auto (default: link, else reference), link, copy, reference.");
        var precision = new PrecisionOptionSet();
        Option<bool> quiet = Options.Quiet();
        var command = new ExampleCommand("export", Description,
        [
            "onnxlens export path/to/checkpoint --out bundle",
            "onnxlens export path/to/checkpoint --out bundle --shards 2 --max-length 1024",
            "onnxlens export path/to/checkpoint --out bundle --devices cuda:0,cuda:1 --weights copy",
            "onnxlens export path/to/checkpoint --out bundle --precision int4",
            "onnxlens export path/to/checkpoint --out bundle --precision int8 --block-size 64 --asymmetric --quantize all",
        ])
        { checkpoint, bundle, shards, devices, maxLength, weights };
        precision.AddTo(command);
        command.Add(quiet);
        command.SetAction((parsed, cancellation) =>
        {
            ExportOptions options = UsageException.OfOption(() => new ExportOptions
            {
                Shards = parsed.GetValue(shards),
                Devices = parsed.GetValue(devices) is string list ? [.. Device.ParseList(list)] : [],
                MaxLength = parsed.GetValue(maxLength),
                Weights = parsed.GetValue(weights) is string mode ? WeightsModes.Parse(mode) : default,
            });
            options = precision.Apply(options, parsed);
            return Task.FromResult(Run(host, parsed.GetRequiredValue(checkpoint), parsed.GetRequiredValue(bundle), options, parsed.GetValue(quiet), cancellation));
        });
        return command;
    }

    private static int Run(CliHost host, string checkpoint, string bundle, ExportOptions options, bool quiet, CancellationToken cancellation)
    {
        if (checkpoint.Length == 0 || bundle.Length == 0)
        {
            throw new UsageException("The name of a folder is empty. Give the checkpoint's folder, and the bundle's with --out.");
        }

        ExportReport report;
        using (var progress = new ProgressLine(host, quiet))
        {
            report = BundleExporter.Export(checkpoint, bundle, options, progress, cancellation);
        }

        ReportPrinter.Print(host, report, quiet);
        return ExitCodes.Done;
    }
}
