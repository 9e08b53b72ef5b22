using System.CommandLine;
using OnnxLens.Bench.Scenarios;

namespace OnnxLens.Bench.Commands;

/// <summary>The options of the commands that do one job in a process of its own.</summary>
internal sealed class OnceOptionSet
{
    private readonly Option<string> _checkpoint = new("--checkpoint") { Required = true, Description = "Folder of the checkpoint." };
    private readonly Option<string> _folder = new("--folder") { Required = true, Description = "Folder of the bundles that 'run' exported." };
    private readonly Option<int> _prompt = new("--prompt") { Required = true, Description = "Tokens of the prompt." };
    private readonly Option<int> _tokens = new("--tokens") { Required = true, Description = "Tokens generated." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _checkpoint, _folder, _prompt, _tokens })
        {
            command.Add(option);
        }
    }

    /// <summary>Reads them.</summary>
    public BenchOptions Read(ParseResult parsed) => new()
    {
        Checkpoint = parsed.GetRequiredValue(_checkpoint),
        Folder = parsed.GetRequiredValue(_folder),
        PromptLength = parsed.GetValue(_prompt),
        Lengths = [parsed.GetValue(_tokens)],
    };
}
