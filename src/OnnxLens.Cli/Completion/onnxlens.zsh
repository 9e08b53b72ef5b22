#compdef onnxlens
# Completion of onnxlens in zsh. For this shell: source <(onnxlens completion zsh)
# For all: onnxlens completion zsh > a folder of $fpath/_onnxlens

_onnxlens() {
    # The words of this command alone: before them can be another, behind '|', '&&', ';' or sudo.
    local line=${(j: :)words[1,CURRENT-1]}
    line+=" $QIPREFIX$IPREFIX$PREFIX"
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
