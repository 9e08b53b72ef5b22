# Completion of onnxlens in bash. For this shell: source <(onnxlens completion bash)
# For all: onnxlens completion bash > ~/.local/share/bash-completion/completions/onnxlens

_onnxlens() {
    local line=${COMP_LINE:0:COMP_POINT} program=${COMP_WORDS[0]/#\~/$HOME} suggestion
    local word=${line##*[[:space:]]}

    # bash ends words at ':' and '=' too, and replaces only what follows.
    local kept=
    case $word in *[:=]*) kept=${word%"${word##*[:=]}"} ;; esac

    COMPREPLY=()
    while IFS= read -r suggestion; do
        COMPREPLY+=("${suggestion#"$kept"}")
    done < <("$program" "[suggest:${#line}]" "$line" 2>/dev/null)
}

complete -o bashdefault -o default -F _onnxlens onnxlens
