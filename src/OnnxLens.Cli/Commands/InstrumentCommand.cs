using System.CommandLine;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Export;
using OnnxLens.Export.Instrument;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens instrument</c>: turns an ONNX decoder that another program exported into a bundle.</summary>
internal static class InstrumentCommand
{
    private const string Description = "Makes a lens bundle of an ONNX decoder that another program exported (onnxruntime-genai's model builder, optimum, mobius, torch.onnx). Sites are found by the graph's structure, weights stay as they are, and the bundle is checked against the graph before it appears.";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        Argument<string> source = Options.Folder("onnx", "Folder with an ONNX decoder, or its .onnx file.");
        var bundle = new Option<string>("--out") { HelpName = "BUNDLE", Description = "The bundle's folder; must not exist yet.", Required = true };
        Option<int?> shards = Options.Count("--shards", "Cut the layers into N shards. Default: one for each device, else 1.");
        Option<string?> devices = Options.Text("--devices", "LIST", "Devices of the shards with commas: cpu, cuda:0. Default: cpu, or cuda:0 for a graph that the CPU cannot run.");
        Option<string?> library = Options.ProviderLibrary();
        Option<int?> maxLength = Options.Count("--max-length", "The longest sequence to run. Default: what the graph can run, at most 4096.");
        Option<string?> weights = Options.Text("--weights", "HOW", "How the bundle holds the weights: auto (default: link, else reference), link, copy, reference.");
        Option<string?> embedding = Options.Text("--embedding", "FILE[:TENSOR]", "The embedding, for a graph exported without: a .safetensors file or a checkpoint folder.");
        Option<string?> head = Options.Text("--lm-head", "FILE[:TENSOR]", "The unembedding, for a graph exported without: a .safetensors file or a checkpoint folder.");
        Option<string?> tokens = Options.Text("--check-tokens", "IDS", "Token ids with commas on which the bundle is checked against the graph, beside random ones.");
        Option<bool> quiet = Options.Quiet();
        var command = new ExampleCommand("instrument", Description,
        [
            "onnxlens instrument path/to/onnx --out bundle",
            "onnxlens instrument path/to/onnx --out bundle --shards 2",
            "onnxlens instrument path/to/decoder.onnx --out bundle --lm-head path/to/checkpoint",
        ])
        { source, bundle, shards, devices, library, maxLength, weights, embedding, head, tokens, quiet };
        command.SetAction((parsed, cancellation) =>
        {
            InstrumentOptions options = UsageException.OfOption(() => new InstrumentOptions
            {
                Shards = parsed.GetValue(shards),
                Devices = parsed.GetValue(devices) is string list ? [.. Device.ParseList(list)] : [],
                ProviderLibrary = parsed.GetValue(library),
                MaxLength = parsed.GetValue(maxLength),
                Weights = parsed.GetValue(weights) is string mode ? WeightsModes.Parse(mode) : default,
                Embedding = parsed.GetValue(embedding) is string table ? GivenTensor.Parse(table) : null,
                LmHead = parsed.GetValue(head) is string matrix ? GivenTensor.Parse(matrix) : null,
                CheckTokens = parsed.GetValue(tokens) is string ids ? PromptOptionSet.ParseIds("--check-tokens", ids) : [],
            });
            return Task.FromResult(Run(host, parsed.GetRequiredValue(source), parsed.GetRequiredValue(bundle), options, parsed.GetValue(quiet), cancellation));
        });
        return command;
    }

    private static int Run(CliHost host, string source, string bundle, InstrumentOptions options, bool quiet, CancellationToken cancellation)
    {
        if (source.Length == 0 || bundle.Length == 0)
        {
            throw new UsageException("The name of a folder is empty. Give the folder with the ONNX decoder, and the bundle's with --out.");
        }

        OutputPaths.RequireName(bundle);
        ShardOptions.RequireAgreement(options.Shards, options.Devices);
        ExportReport report;
        using (var progress = new ProgressLine(host, quiet))
        {
            report = BundleInstrumenter.Instrument(source, bundle, options, progress, cancellation);
        }

        ReportPrinter.Print(host, report, quiet);
        return ExitCodes.Done;
    }
}
