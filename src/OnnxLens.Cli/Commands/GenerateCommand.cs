using System.Collections.Immutable;
using System.CommandLine;
using OnnxLens.Bundles;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Generation;
using OnnxLens.Runtime;
using OnnxLens.Tokenization;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens generate</c>: goes on from a prompt.</summary>
internal static class GenerateCommand
{
    private const string Description = "Generates text after a prompt and streams it. Greedy unless a temperature is given.";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        Argument<string> folder = Options.Folder("bundle", "A lens bundle; or a checkpoint, or a folder or file with an ONNX decoder, of which a bundle is made in a cache first.");
        var prompt = new PromptOptionSet();
        Option<int?> count = Options.Count("--max-new-tokens", "Tokens to generate at most. Default: 64, or what fits.");
        var steering = new SteeringOptionSet();
        var sampling = new SamplingOptionSet("--top-k");
        var model = new ModelOptionSet();
        Option<bool> json = Options.Switch("--json", "Print one JSON object at the end in place of the text: prompt, prompt_ids, generated_ids, text, stop_reason, provenance.");
        Option<bool> quiet = Options.Quiet();
        var command = new ExampleCommand("generate", Description,
        [
            "onnxlens generate bundle --prompt 'Once upon a time' --max-new-tokens 64",
            "onnxlens generate bundle --prompt-file prompt.txt --temperature 0.8 --top-p 0.95 --seed 7 --stop '###'",
            "onnxlens generate bundle --prompt 'I think that' --steer bold.safetensors@mlp_in.3*1.5 --steer-positions all",
            "onnxlens generate bundle --chat --system 'Be brief.' --prompt 'Who are you?'",
            "onnxlens generate bundle --tokens 1,403,407 --max-new-tokens 20 --json",
        ])
        { folder };
        prompt.AddTo(command);
        command.Add(count);
        steering.AddTo(command);
        sampling.AddTo(command);
        model.AddTo(command);
        command.Add(json);
        command.Add(quiet);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(host, new GenerateArguments(
            parsed.GetRequiredValue(folder), prompt.Read(parsed), sampling.Read(parsed, parsed.GetValue(count)), steering.Read(parsed), model.Read(parsed), model.ReadBudget(parsed), parsed.GetValue(json), parsed.GetValue(quiet)), cancellation)));
        return command;
    }

    private static int Run(CliHost host, GenerateArguments arguments, CancellationToken cancellation)
    {
        using var progress = new ProgressLine(host, arguments.Quiet);
        LensBundle bundle = new ModelSource(host, arguments.Quiet, progress).Open(arguments.Folder, arguments.Model, cancellation);
        ModelFacts facts = bundle.Manifest.Model;
        Tokenizer? tokenizer = Tokenizers.Of(bundle);
        Prompt prompt = Prompt.Read(arguments.Prompt, bundle, tokenizer);
        GenerationOptions options = arguments.Generation.For(facts);
        Tokenizers.RequireFor(options, tokenizer);
        SteeringPlan steering = SteeringPlan.Make(arguments.Steering, bundle, tokenizer);
        int capacity = arguments.Generation.Capacity(facts, prompt.Ids.Length);
        steering.RequirePossible(prompt.Ids, GenerationArguments.Longest(prompt.Ids.Length, capacity, options));

        progress.Report("loading the model");
        var needs = new MemoryNeeds { PromptLength = prompt.Ids.Length, Length = capacity };
        var memory = MemoryPlan.Make(bundle, needs, arguments.Model.Devices, arguments.MemoryBudget);
        using LensModel model = Loading.Open(bundle, memory.Apply(arguments.Model) with { Steer = steering.Operations });
        cancellation.ThrowIfCancellationRequested();
        using ModelRun run = model.Begin(new HookSpec { Steer = steering.Operations }, capacity);
        progress.Report($"running {prompt.Ids.Length} prompt token(s)");
        using var printer = new GenerationPrinter(host, hasText: tokenizer is not null, silent: arguments.Json, progress);
        GenerationResult result = TextGenerator.Generate(run, prompt.Ids, options, tokenizer, printer.Print, cancellation);
        printer.End();
        if (result.StopReason != StopReason.Cancelled)
        {
            run.RequireSteeringApplied();
        }

        ImmutableArray<SteeringRecord> steered = steering.Records(run);
        if (arguments.Json)
        {
            GenerationJson.Write(host.Out, prompt, result, Provenances.Of(arguments.Folder, model, prompt, tokenizer, options) with
            {
                Steering = steered,
                GeneratedIds = result.GeneratedIds,
                StopReason = StopReasons.Name(result.StopReason),
            });
        }

        if (!arguments.Quiet)
        {
            steering.Notes.ToList().ForEach(host.Note);
            SteeringNotes.Applied(steered).ForEach(host.Note);
        }

        if (result.StopReason != StopReason.Cancelled)
        {
            return ExitCodes.Done;
        }

        host.Note($"cancelled after {result.GeneratedIds.Length} token(s)");
        return ExitCodes.Cancelled;
    }
}
