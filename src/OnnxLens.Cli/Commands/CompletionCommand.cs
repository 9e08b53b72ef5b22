using System.CommandLine;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens completion</c>: the script that has a shell complete command lines.</summary>
internal static class CompletionCommand
{
    private const string Description = "Prints the script with which a shell completes commands, options and values such as sites and precisions. Files are completed by the shell. The head of each script says where to put it.";

    private static readonly Dictionary<string, string> Endings = new() { ["bash"] = "bash", ["zsh"] = "zsh", ["fish"] = "fish", ["pwsh"] = "ps1" };

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish or pwsh." };
        shell.CompletionSources.Add([.. Endings.Keys]);
        var command = new ExampleCommand("completion", Description,
        [
            "onnxlens completion bash > ~/.local/share/bash-completion/completions/onnxlens",
            "onnxlens completion zsh > ~/.zfunc/_onnxlens",
            "onnxlens completion fish > ~/.config/fish/completions/onnxlens.fish",
            "onnxlens completion pwsh >> ~/.config/powershell/profile.ps1",
        ])
        { shell };
        command.SetAction(parsed =>
        {
            host.Out.Write(Script(parsed.GetRequiredValue(shell)));
            return ExitCodes.Done;
        });
        return command;
    }

    private static string Script(string shell)
    {
        if (!Endings.TryGetValue(shell, out string? ending))
        {
            throw new UsageException($"There is no completion for '{shell}'. Write one of {string.Join(", ", Endings.Keys)}.");
        }

        using Stream stream = typeof(CompletionCommand).Assembly.GetManifestResourceStream($"completion/onnxlens.{ending}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
