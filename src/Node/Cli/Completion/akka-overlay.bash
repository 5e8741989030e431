# Completion of akka-overlay for bash. Read it with: source <(akka-overlay completion bash)
_akka_overlay() {
    # The words as the program sees them: bash has cut them at colons and equal signs too (COMP_WORDBREAKS), the line has not.
    local typed="${COMP_LINE:0:COMP_POINT}" word found
    local -a words
    read -ra words <<<"$typed"
    [[ $typed == *[[:space:]] ]] && words+=("")
    (( ${#words[@]} > 1 )) || return
    word="${words[${#words[@]} - 1]}"
    # What bash puts in place is only what stands behind the last colon or equal sign.
    local kept="${word%"${word##*[:=]}"}"
    COMPREPLY=()
    while IFS= read -r found; do
        COMPREPLY+=("${found#"$kept"}")
    done < <("${COMP_WORDS[0]}" completion words -- "${words[@]:1}" 2>/dev/null)
}
complete -o default -F _akka_overlay akka-overlay
