#compdef akka-overlay
# Completion of akka-overlay for zsh. Read it with: source <(akka-overlay completion zsh), or save it as _akka-overlay in a folder of $fpath.
_akka-overlay() {
    local line="akka-overlay ${(j: :)words[2,CURRENT]}"
    local -a found
    found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
    found=("${(@)found:#}")
    if (( ${#found} )); then
        compadd -a -- found
    else
        _files
    fi
}
# Saved in $fpath, it is called by this name and runs as a function's body.
if [[ "$funcstack[1]" = "_akka-overlay" ]]; then
    _akka-overlay "$@"
else
    compdef _akka-overlay akka-overlay
fi
