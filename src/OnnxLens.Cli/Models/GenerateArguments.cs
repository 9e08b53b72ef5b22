using OnnxLens.Runtime;

namespace OnnxLens.Cli.Models;

/// <summary>The generate command, as the command line says it.</summary>
/// <param name="Folder">A bundle or checkpoint folder.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Generation">How to generate.</param>
/// <param name="Steering">How it is steered.</param>
/// <param name="Model">How the model is opened.</param>
/// <param name="MemoryBudget">Bytes that the run may take beyond the weights; null takes what the machine has.</param>
/// <param name="Json">True: one JSON object in place of streamed text.</param>
/// <param name="Quiet">True: no progress and no remarks.</param>
internal sealed record GenerateArguments(
    string Folder, PromptSource Prompt, GenerationArguments Generation, SteeringArguments Steering, LensModelOptions Model, long? MemoryBudget, bool Json, bool Quiet);
