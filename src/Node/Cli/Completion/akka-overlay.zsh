#compdef akka-overlay
# Completion of akka-overlay for zsh. Read it with: source <(akka-overlay completion zsh), or save it as _akka-overlay in a folder of $fpath.
_akka-overlay() {
    local -a found
    found=("${(@f)$("${words[1]}" completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    found=("${(@)found:#}")
    if (( ${#found} )); then
        compadd -a -- found
    else
        _files
    fi
}
# Found in $fpath it is run as the function's own body, and must answer at once; read with source it only says what it is for.
if [[ "$funcstack[1]" = "_akka-overlay" ]]; then
    _akka-overlay "$@"
else
    compdef _akka-overlay akka-overlay
fi
