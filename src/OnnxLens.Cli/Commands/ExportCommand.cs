using System.CommandLine;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Export;
using OnnxLens.Export.Genai;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens export</c>: turns a checkpoint into a bundle.</summary>
internal static class ExportCommand
{
    private const string Description = "Exports a Hugging Face checkpoint (config.json and .safetensors files) to a lens bundle, or with '--layout genai' a checkpoint or bundle to a folder that onnxruntime-genai runs. The weights stay as they are, unless int4 or int8 is asked for.";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        Argument<string> checkpoint = Options.Folder("checkpoint", "Folder with config.json and .safetensors weights; with '--layout genai' also a bundle that was exported.");
        var bundle = new Option<string?>("--out") { HelpName = "BUNDLE", Description = "The bundle's folder; must not exist yet. With '--dry-run' not needed, and left alone." };
        Option<string?> layout = Options.Text("--layout", "bundle|genai", "What is written: a lens bundle (default), or a folder for onnxruntime-genai: one file, or with several shards a pipeline.");
        Option<int?> shards = Options.Count("--shards", "Cut the layers into N shards. Default: one for each device, else 1.");
        Option<string?> devices = Options.Text("--devices", "LIST", "Devices of the shards with commas: cpu, cuda:0. Default: cpu.");
        Option<string?> library = Options.ProviderLibrary();
        Option<int?> maxLength = Options.Count("--max-length", "The longest sequence to run. Default: the model's own, at most 4096.");
        Option<string?> weights = Options.Text("--weights", "HOW", "How the bundle holds the weights: auto (default: link, else reference), link, copy, reference.");
        var precision = new PrecisionOptionSet();
        var dryRun = new DryRunOptionSet();
        Option<bool> quiet = Options.Quiet();
        var command = new ExampleCommand("export", Description,
        [
            "onnxlens export path/to/checkpoint --out bundle",
            "onnxlens export path/to/checkpoint --out bundle --shards 2 --max-length 1024",
            "onnxlens export path/to/checkpoint --out bundle --devices cuda:0,cuda:1 --weights copy",
            "onnxlens export path/to/checkpoint --out bundle --precision int4",
            "onnxlens export path/to/checkpoint --out bundle --precision int8 --block-size 64 --asymmetric --quantize all",
            "onnxlens export path/to/checkpoint --out folder --layout genai",
            "onnxlens export model-export/configs/llama-3.1-70b --dry-run --devices cuda:0,cuda:1 --max-length 8192",
            "onnxlens export model-export/configs/qwen3-32b --dry-run --devices cuda:0 --precision int4 --device-memory 24 --bandwidth 1008",
        ])
        { checkpoint, bundle, layout, shards, devices, library, maxLength, weights };
        precision.AddTo(command);
        dryRun.AddTo(command);
        command.Add(quiet);
        command.SetAction((parsed, cancellation) =>
        {
            ExportOptions options = UsageException.OfOption(() => new ExportOptions
            {
                Shards = parsed.GetValue(shards),
                Devices = parsed.GetValue(devices) is string list ? [.. Device.ParseList(list)] : [],
                ProviderLibrary = parsed.GetValue(library),
                MaxLength = parsed.GetValue(maxLength),
                Weights = parsed.GetValue(weights) is string mode ? WeightsModes.Parse(mode) : default,
            });
            options = precision.Apply(options, parsed);
            ExportLayout form = UsageException.OfOption(() => parsed.GetValue(layout) is string name ? ExportLayouts.Parse(name) : default);
            string source = parsed.GetRequiredValue(checkpoint);
            string? target = parsed.GetValue(bundle);
            bool planned = dryRun.IsAskedFor(parsed);
            Check(source, target, form, options, planned);
            if (planned)
            {
                dryRun.Run(host, source, options, parsed.GetValue(quiet), parsed);
            }
            else
            {
                Run(host, form, source, target!, options, parsed.GetValue(quiet), cancellation);
            }

            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    private static void Check(string source, string? target, ExportLayout layout, ExportOptions options, bool planned)
    {
        if (source.Length == 0 || target?.Length == 0)
        {
            throw new UsageException("The name of a folder is empty. Give the checkpoint's folder, and the bundle's with --out.");
        }

        if (target is null && !planned)
        {
            throw new UsageException("There is no folder for the bundle. Give one with --out, or plan without writing with --dry-run.");
        }

        if (target is not null)
        {
            OutputPaths.RequireName(target);
        }

        ShardOptions.RequireAgreement(options.Shards, options.Devices);
        if (layout == ExportLayout.Genai)
        {
            UsageException.OfOption(() => GenaiExporter.RequireRunnable(options));
            if (planned)
            {
                throw new UsageException("'--dry-run' plans a lens bundle, and '--layout genai' is none. Leave one of them out.");
            }
        }

        RequireCheckpoint(source, layout);
    }

    private static void Run(CliHost host, ExportLayout layout, string source, string target, ExportOptions options, bool quiet, CancellationToken cancellation)
    {
        if (layout == ExportLayout.Genai)
        {
            ReportPrinter.Print(host, WithProgress(host, quiet, progress => GenaiExporter.Export(source, target, options, progress, cancellation)), quiet);
        }
        else
        {
            ReportPrinter.Print(host, WithProgress(host, quiet, progress => BundleExporter.Export(source, target, options, progress, cancellation)), quiet);
        }
    }

    /// <summary>Refuses a model that is a graph already, where a checkpoint is needed.</summary>
    private static void RequireCheckpoint(string source, ExportLayout layout)
    {
        switch (ModelPath.Look(source))
        {
            case ModelKind.Bundle when layout != ExportLayout.Genai:
                throw new InputException($"'{source}' is a lens bundle, and needs no export: give it to the other commands as it is. With '--layout genai' a folder for onnxruntime-genai is made of it; for other shards or another precision, export its checkpoint.");
            case ModelKind.Onnx:
                throw new InputException($"'{source}' is an ONNX decoder, and no checkpoint. Make a lens bundle of it with 'onnxlens instrument {source} --out bundle'{(layout == ExportLayout.Genai ? "; a folder for onnxruntime-genai is made of the checkpoint it was exported from" : "")}.");
        }
    }

    private static T WithProgress<T>(CliHost host, bool quiet, Func<ProgressLine, T> export)
    {
        using var progress = new ProgressLine(host, quiet);
        return export(progress);
    }
}
