# Completion of onnxlens in fish. For this shell: onnxlens completion fish | source
# For all: onnxlens completion fish > ~/.config/fish/completions/onnxlens.fish

function __onnxlens_suggest
    # Of this command alone: before it can be another, behind '|' or '&&'.
    set -l line (commandline --current-process --cut-at-cursor | string trim --left)
    set -l program (commandline --tokenize --current-process)[1]
    $program "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
end

# Files only where the program suggests nothing.
complete --command onnxlens --no-files --condition 'test -n "$(__onnxlens_suggest)"' --arguments '(__onnxlens_suggest)'
complete --command onnxlens --force-files --condition 'test -z "$(__onnxlens_suggest)"'
