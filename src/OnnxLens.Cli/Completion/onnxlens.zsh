#compdef onnxlens
# Completion of onnxlens in zsh. For this shell: source <(onnxlens completion zsh)
# For all: onnxlens completion zsh > a folder of $fpath/_onnxlens

_onnxlens() {
    local line=$LBUFFER
    local -a suggestions
    suggestions=("${(@f)$("${words[1]/#\~/$HOME}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
    suggestions=(${suggestions:#})
    if (( ${#suggestions} )); then
        compadd -a suggestions
    else
        _files
    fi
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _onnxlens "$@"
else
    compdef _onnxlens onnxlens
fi
