# bash completion for "superd run", superd(8): superd says what its options are.

_superd()
{
	local cur=${COMP_WORDS[COMP_CWORD]} i

	COMPREPLY=()
	[[ ${COMP_WORDS[1]} == run ]] || {
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		((COMP_CWORD == 1)) && [[ run == "$cur"* ]] && COMPREPLY+=(run)
		return
	}
	for ((i = 2; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == -- ]] || continue
		mapfile -t COMPREPLY < <(compgen -cf -- "$cur")
		return
	done
	[[ $cur == -* ]] && mapfile -t COMPREPLY < <(compgen -W \
	    "$(superd run --help 2>/dev/null | grep -o -e '--[a-z0-9-]*')" \
	    -- "$cur")
} &&
complete -o filenames -F _superd superd
