# bash completion for superctl(8).  Ids come from the running superd; they
# are compared as text and never expanded.

_superctl_ids()
{
	local id rest
	while read -r id rest; do
		[[ $id == "$cur"* ]] && COMPREPLY+=("$(printf '%q' "$id")")
	done < <(superctl "${socket[@]}" -t 2 --no-header list 2>/dev/null)
}

_superctl()
{
	local cur line=${COMP_LINE:0:COMP_POINT} before command='' i
	local -a words=() socket=()

	# bash splits at colons, which ids may have: split at blanks instead
	read -ra words <<< "$line"
	[[ $line == *[[:blank:]] ]] && words+=("")
	cur=${words[-1]}
	before=${words[-2]}
	COMPREPLY=()

	for ((i = 1; i < ${#words[@]} - 1; i++)); do
		case ${words[i]} in
		-s|--socket)
			((i + 1 < ${#words[@]} - 1)) &&
			    socket=(-s "${words[++i]}") ;;
		--socket=*)
			socket=(-s "${words[i]#*=}") ;;
		-t|--timeout|--signal|--for|--at)
			((i++)) ;;
		-*)
			;;
		*)
			: "${command:=${words[i]}}" ;;
		esac
	done

	case $before in
	-s|--socket)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return ;;
	-t|--timeout|--for|--at)
		return ;;
	--signal)
		mapfile -t COMPREPLY < <(compgen -A signal -- "SIG${cur#SIG}")
		return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "--all --at --dry-run --for --help
		    --json --no-header --no-trunc --quiet --save --signal
		    --socket --timeout --version -h -q -s -t -V" -- "$cur")
	elif [[ -z $command ]]; then
		mapfile -t COMPREPLY < <(compgen -W "allow denied deny disable drain
		    enable events explain help kill list log-level metrics ping
		    reload sessions set show status stop upgrade watch why" -- "$cur")
	elif [[ $before == "$command" && " disable drain enable events
	    explain kill sessions set show stop why " == *[[:space:]]"$command"[[:space:]]* ]]; then
		_superctl_ids
		# readline replaces only what follows the last colon
		if [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]]; then
			local skip=${cur%"${cur##*:}"}
			for i in "${!COMPREPLY[@]}"; do
				COMPREPLY[i]=${COMPREPLY[i]#"$skip"}
			done
		fi
	fi
} &&
complete -F _superctl superctl
