using System.Collections.Immutable;
using System.CommandLine;
using OnnxLens.Bundles;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Eval.Extraction;
using OnnxLens.Lens;
using OnnxLens.Reports.Extraction;
using OnnxLens.Runtime;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens vector extract</c>: makes steering vectors of contrasting pairs.</summary>
internal static class VectorExtractCommand
{
    private const string Description =
        "Makes steering vectors of pairs of contrasting answers, read at the label behind their common prompt, or of contrasting prompts, read at their last token; says how well the pairs agree and how well the vectors tell pairs apart that they were not made of.";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        Argument<string> folder = Options.Folder("bundle", "A lens bundle; or a checkpoint, or a folder or file with an ONNX decoder, of which a bundle is made in a cache first.");
        var dataset = new Option<string>("--dataset") { HelpName = "[NAME=]FILE", Description = $"Pairs (question, answer_matching_behavior, answer_not_matching_behavior) or contrast prompts (positive, negative), as JSON, JSONL or CSV. The vectors are called as the file, or NAME: {NamedFile.Letters}.", Required = true };
        var target = new Option<string>("--out") { HelpName = "FILE", Description = "The file of vectors to write; it ends with .safetensors or .gguf.", Required = true };
        Option<string?> heldOut = Options.Text("--held-out", "FILE", "Judge the vectors on these pairs. Default: on a fifth of the dataset at a time, by the vector of the others.");
        Option<string?> report = Options.Text("--report", "FILE", "Write the table as .csv, .parquet or .json.");
        var extraction = new ExtractionOptionSet();
        var rows = new DatasetOptionSet();
        var model = new ModelOptionSet(isPlanned: false);
        Option<bool> quiet = Options.Quiet();
        var command = new ExampleCommand("extract", Description,
        [
            "onnxlens vector extract bundle --dataset bold-train.json --out bold.safetensors",
            "onnxlens vector extract bundle --dataset bold-train.json --out bold.safetensors --sites mlp_in,resid_post --layers 2-4 --method pca --report bold.csv",
            "onnxlens vector extract bundle --dataset bold-contrast.jsonl --out persona.safetensors",
        ])
        { folder, dataset, target, heldOut };
        extraction.AddTo(command);
        rows.AddTo(command);
        command.Add(report);
        model.AddTo(command);
        command.Add(quiet);
        command.SetAction((parsed, cancellation) =>
        {
            DatasetArguments form = rows.Read(parsed);
            return Task.FromResult(Run(
                host,
                parsed.GetRequiredValue(folder),
                extraction.Read(parsed, NamedFile.Parse(parsed.GetRequiredValue(dataset), dataset.Name), form.Split, parsed.GetValue(heldOut)),
                form,
                model.Read(parsed),
                (parsed.GetRequiredValue(target), parsed.GetValue(report)),
                parsed.GetValue(quiet),
                cancellation));
        });
        return command;
    }

    private static int Run(
        CliHost host, string folder, ExtractionArguments arguments, DatasetArguments rows, LensModelOptions options, (string Vectors, string? Report) files, bool quiet, CancellationToken cancellation)
    {
        VectorInput.RequireTarget(files.Vectors);
        RequireReport(files.Report);
        string[] results = [.. new[] { files.Vectors, files.Report }.OfType<string>()];
        OutputPaths.RequireDistinct(results);
        OutputPaths.RequireApart(results, new[] { arguments.Dataset.Rest, arguments.HeldOut, rows.SplitFile }.OfType<string>());
        ImmutableArray<string> notes;
        ImmutableArray<ExtractedVector> extracted;
        ImmutableArray<SteeringVector> vectors;
        VectorOrigin origin;
        using (var progress = new ProgressLine(host, quiet))
        {
            LensBundle bundle = new ModelSource(host, quiet, progress).Open(folder, options, cancellation, results);
            progress.Report("reading the dataset");
            var extraction = new Extraction(arguments, new DatasetSource(bundle, rows), bundle.Manifest.Model);
            VectorFile.RequireWritable(files.Vectors, extraction.Points);
            progress.Report("loading the model");
            using LensModel model = Loading.Open(bundle, ActivationReader.ModelOptions(options, extraction.Points));
            extracted = extraction.Run(model, progress, cancellation);
            vectors = extraction.ToVectors(bundle, extracted);
            origin = extraction.OriginIn(bundle);
            notes = [.. extraction.Notes, .. extraction.LeftOut(extracted)];
        }

        ImmutableArray<ExtractionQuality> qualities = [.. extracted.Select(vector => vector.Quality)];
        VectorFile.Write(files.Vectors, vectors);
        if (files.Report is string report)
        {
            WriteReport(report, qualities, origin);
        }

        new ExtractionPrinter(host, qualities).Print();
        if (!quiet)
        {
            notes.ToList().ForEach(host.Note);
            new[] { files.Vectors, files.Report }.OfType<string>().ToList().ForEach(path => host.Note($"wrote {path}"));
        }

        return ExitCodes.Done;
    }

    private static void RequireReport(string? path)
    {
        if (path is null)
        {
            return;
        }

        OutputPaths.RequireFile(path);
        if (Path.GetExtension(path).ToLowerInvariant() is not (".csv" or ".parquet" or ".json"))
        {
            throw new UsageException($"'{path}' after --report ends with none of .csv, .parquet and .json, so its form is not known.");
        }
    }

    private static void WriteReport(string path, ImmutableArray<ExtractionQuality> qualities, VectorOrigin origin)
    {
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".csv":
                ExtractionCsvWriter.Write(path, qualities);
                break;
            case ".parquet":
                ExtractionParquetWriter.Write(path, qualities, origin);
                break;
            default:
                ExtractionJsonWriter.Write(path, qualities);
                break;
        }
    }
}
