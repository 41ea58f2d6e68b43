# Completion for grantspec, grantspec-properties and grantspec-endpoint: options as --help tells them.
_grantspec() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  case $before in
    --base) mapfile -t COMPREPLY < <(compgen -W "rfc6749 pyng oauth21 strict" -- "$word"); return ;;
    --tier) mapfile -t COMPREPLY < <(compgen -W "safe abuse all" -- "$word"); return ;;
    --fail-on) mapfile -t COMPREPLY < <(compgen -W "must should never" -- "$word"); return ;;
    --level) mapfile -t COMPREPLY < <(compgen -W "must should may" -- "$word"); return ;;
    --compare | --merge-reports | --replay | --waivers | --profile | --user-file | --report-*)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return ;;
    --explain)
      mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" --list 2>/dev/null | cut -d' ' -f1)" -- "$word")
      return ;;
    --fault)
      mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" --list-faults 2>/dev/null | cut -d' ' -f1)" -- "$word")
      return ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" --help 2>/dev/null | grep -oE -- '--[a-z0-9.-]+')" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}
complete -F _grantspec grantspec grantspec-properties grantspec-endpoint
