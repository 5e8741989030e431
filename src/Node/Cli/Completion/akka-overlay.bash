# Completion of akka-overlay for bash. Read it with: source <(akka-overlay completion bash)
_akka_overlay() {
    local line="akka-overlay" word i
    # The words as the program sees them: bash has cut them at colons and equal signs too (COMP_WORDBREAKS), the cursor's line has not.
    local typed="${COMP_LINE:0:COMP_POINT}"
    typed="${typed#"${typed%%[![:space:]]*}"}"
    case "$typed" in
        *[[:space:]]*) line="akka-overlay ${typed#*[[:space:]]}" ;;
        *) return ;;
    esac
    case "$line" in
        *[[:space:]]) word="" ;;
        *) word="${line##*[[:space:]]}" ;;
    esac
    # What bash puts in place is only what stands behind the last colon or equal sign.
    local kept="${word%"${word##*[:=]}"}"
    COMPREPLY=()
    while IFS= read -r i; do
        [[ $i == "$word"* ]] || continue
        COMPREPLY+=("${i#"$kept"}")
    done < <("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)
}
complete -o default -F _akka_overlay akka-overlay
