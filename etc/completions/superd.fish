# fish completion for "superd run", superd(8): superd says what its options are.

complete -c superd -n __fish_is_first_token -a run
complete -c superd -n '__fish_seen_subcommand_from run' \
    -a "(superd run --help 2>/dev/null | string match -r -a -- '--[a-z0-9-]*')"
