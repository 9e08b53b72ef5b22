using System.CommandLine;
using OnnxLens.Cli.Models;
using OnnxLens.Eval.Datasets;

namespace OnnxLens.Cli.Commands;

/// <summary>The options that say how the rows of datasets become prompts.</summary>
internal sealed class DatasetOptionSet
{
    private readonly ChatOptionSet _chat = new();
    private readonly Option<string?> _split = Options.Text("--split", "NAME", "Take only the rows of this split.");
    private readonly Option<string?> _splits = Options.Text("--splits", "FILE", "Take the rows' splits from this file, as 'dataset split' wrote it.");
    private readonly Option<int?> _limit = Options.Count("--limit", "Take only the first N pairs of each dataset, those that vectors are made of included.");
    private readonly Option<bool> _oneSided = Options.Switch("--one-sided", "Take a dataset whose matching answers all have the same letter, from which the behaviour cannot be told apart. Default: refuse it.");
    private readonly Option<bool> _skip = Options.Switch("--skip-malformed", "Leave out malformed rows and list them. Default: refuse the dataset, naming each.");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        AddWithoutLimitTo(command);
        command.Add(_limit);
        command.Add(_oneSided);
    }

    /// <summary>Adds the options to a command that looks at whole datasets.</summary>
    public void AddWithoutLimitTo(Command command)
    {
        _chat.AddTo(command);
        foreach (Option option in new Option[] { _split, _splits, _skip })
        {
            command.Add(option);
        }
    }

    /// <summary>Reads them.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="takesOneSplit">True where a file of splits is of use only with the name of one.</param>
    /// <exception cref="UsageException">A system message is given without a chat, a file of splits without the name of one, or a name that is empty.</exception>
    public DatasetArguments Read(ParseResult parsed, bool takesOneSplit = true)
    {
        if (takesOneSplit && parsed.GetValue(_splits) is not null && parsed.GetValue(_split) is null)
        {
            throw new UsageException("--splits says which rows are of which split. Say with --split NAME which to take.");
        }

        if (parsed.GetValue(_split) is "")
        {
            throw new UsageException("The name after --split is empty. Give the name of a split.");
        }

        return new DatasetArguments(
            _chat.Read(parsed), parsed.GetValue(_split), parsed.GetValue(_splits), parsed.GetValue(_limit), parsed.GetValue(_skip) ? MalformedRows.Skip : MalformedRows.Refuse, parsed.GetValue(_oneSided));
    }
}
