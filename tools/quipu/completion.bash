# Completion of quipu for bash. Its words are the program's own: a new command is known here by itself.
_quipu() {
  local word=${COMP_WORDS[COMP_CWORD]} list line command=quipu candidates= i
  list=$("${COMP_WORDS[0]}" --commands 2>/dev/null) || return
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ $'\n'$list == *$'\n'"$command ${COMP_WORDS[i]}"$'\t'* ]] && command+=" ${COMP_WORDS[i]}"
  done
  while IFS=$'\t' read -r line _ options; do
    if [ "$line" = "$command" ]; then
      [[ $word != -* ]] || candidates=$options
    elif [[ $word != -* && ${line% *} == "$command" ]]; then
      candidates+=" ${line##* }"
    fi
  done <<<"$list"
  COMPREPLY=($(compgen -W "$candidates" -- "$word"))
}
complete -o default -F _quipu quipu
