# Completion for bash, written by scripts/option_docs.
_grantspec() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} options
  local program=${COMP_WORDS[0]}
  case $before in
    --from-curl)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --issuer)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --profile)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --base)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --auth)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --user-env)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --user-file)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    -u | --user)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --assertion-key)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --assertion-alg)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --assertion-audience)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --scope)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --ungranted-scope)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --data-urlencode)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --data-env)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    -H | --header)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    -A | --user-agent)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --switch)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --cacert)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --capath)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    -E | --cert)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --key)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --pinnedpubkey)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --tls-max)
      mapfile -t COMPREPLY < <(compgen -W "1.0 1.1 1.2 1.3" -- "$word")
      return
      ;;
    --resolve)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --connect-to)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    -x | --proxy)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --noproxy)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --unix-socket)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --connect-timeout)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    -m | --max-time)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --parallel-max)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --rate)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --max-requests)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --max-failed-logins)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --max-failed-in-a-row)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --max-failed-total)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --max-wait)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --max-total)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --wait-expiry)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --wait-for)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --category)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --level)
      mapfile -t COMPREPLY < <(compgen -W "must should may" -- "$word")
      return
      ;;
    --requirement)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --cases)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --case-set)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --tier)
      mapfile -t COMPREPLY < <(compgen -W "safe abuse all" -- "$word")
      return
      ;;
    --explain)
      mapfile -t COMPREPLY < <(compgen -W "$("$program" --list 2>/dev/null | cut -d' ' -f1)" -- "$word")
      return
      ;;
    --check-cases)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --replay)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --cause)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --reference)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --write-profile)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --compare)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --merge-reports)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --verify)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --json)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --fail-on)
      mapfile -t COMPREPLY < <(compgen -W "must should never" -- "$word")
      return
      ;;
    --waivers)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --report-json)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --report-junit)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --report-sarif)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --sarif-location)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --report-html)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --report-markdown)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --badge)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --har)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --history)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --statement)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --server-log)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --output-dir)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --seed)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --examples)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --strength)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --fuzz)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --save-cases)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --port)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --bind)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --clients)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --tls-cert)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --tls-key)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --client-ca)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --register-cert)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --lifetime)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --deviate | --fault)
      mapfile -t COMPREPLY < <(compgen -W "$("$program" --list-deviations 2>/dev/null | cut -d' ' -f1)" -- "$word")
      return
      ;;
    --variant)
      mapfile -t COMPREPLY < <(compgen -W "$("$program" --list-variants 2>/dev/null | cut -d' ' -f1)" -- "$word")
      return
      ;;
    --shape)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
  esac
  case ${program##*/} in
    grantspec)
      options+="--allow-gone --allow-plaintext --assertion-alg --assertion-audience "
      options+="--assertion-key --auth --badge --base --cacert --capath --case-set --cases "
      options+="--category --cause --cert --check-cases --compare --connect-timeout --connect-to "
      options+="--data-env --data-urlencode --explain --fail-fast --fail-on --from-curl --har "
      options+="--header --help --history --insecure --ipv4 --ipv6 --issuer --json --key --level "
      options+="--list --list-answers --list-responses --list-switches --max-failed-in-a-row "
      options+="--max-failed-logins --max-failed-total --max-requests --max-time --max-total "
      options+="--max-wait --merge-reports --no-shrink --noproxy --output-dir --parallel-max "
      options+="--pinnedpubkey --plan --profile --proxy --quick --quiet --rate --reference "
      options+="--replay --report-html --report-json --report-junit --report-markdown "
      options+="--report-sarif --requirement --resolve --sarif-location --scope --seed "
      options+="--server-log --statement --switch --tier --tls-max --tlsv1.2 --ungranted-scope "
      options+="--unix-socket --update-waivers --user --user-agent --user-env --user-file "
      options+="--verbose --verify --version --wait-expiry --wait-for --waivers --write-profile "
      ;;
    grantspec-properties)
      options+="--allow-plaintext --assertion-alg --assertion-audience --assertion-key --auth "
      options+="--badge --base --cacert --capath --category --cert --connect-timeout "
      options+="--connect-to --data-env --data-urlencode --examples --explain --fail-on "
      options+="--from-curl --fuzz --har --header --help --history --insecure --ipv4 --ipv6 "
      options+="--issuer --key --level --list --max-failed-in-a-row --max-failed-logins "
      options+="--max-failed-total --max-requests --max-time --max-total --max-wait --noproxy "
      options+="--output-dir --parallel-max --pinnedpubkey --plan --profile --proxy --quiet "
      options+="--rate --report-html --report-json --report-junit --report-markdown "
      options+="--report-sarif --requirement --resolve --sarif-location --save-cases --scope "
      options+="--seed --strength --switch --tls-max --tlsv1.2 --ungranted-scope --unix-socket "
      options+="--update-waivers --user --user-agent --user-env --user-file --verbose --version "
      options+="--wait-expiry --wait-for --waivers "
      ;;
    grantspec-endpoint)
      options+="--bind --client-ca --clients --deviate --fault --help --lifetime "
      options+="--list-deviations --list-faults --list-shapes --list-variants --port "
      options+="--register-cert --shape --tls-cert --tls-key --variant --version "
      ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}
complete -F _grantspec grantspec grantspec-properties grantspec-endpoint
