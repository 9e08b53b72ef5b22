# Completion of onnxlens in PowerShell. For this session: onnxlens completion pwsh | Out-String | Invoke-Expression
# For all: put that line into the file that $PROFILE names.

Register-ArgumentCompleter -Native -CommandName onnxlens -ScriptBlock {
    param($word, $command, $position)
    $program = $command.CommandElements[0].Extent.Text
    $line = $command.Extent.Text
    # What is typed behind the last word, a space, is not part of the command's own text.
    if ($position - $command.Extent.StartOffset -gt $line.Length) { $line = $line.PadRight($position - $command.Extent.StartOffset) }
    $cursor = $position - $command.Extent.StartOffset
    & $program "[suggest:$cursor]" $line 2>$null | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
