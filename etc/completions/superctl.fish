# fish completion for superctl(8).  Ids come from the running superd.

function __superctl_ids
    set -l words (commandline -opc)
    set -l socket
    for i in (seq (count $words))
        if string match -q -- '--socket=*' $words[$i]
            set socket -s (string replace -- --socket= '' $words[$i])
        else if contains -- $words[$i] -s --socket; and set -q words[(math $i + 1)]
            set socket -s $words[(math $i + 1)]
        end
    end
    command superctl $socket -t 2 --no-header list 2>/dev/null |
        string replace -r ' .*' ''
end

set -l commands allow denied deny disable drain enable events explain help kill list log-level metrics ping reload sessions set show status stop upgrade watch why
set -l needs_one "not __fish_seen_subcommand_from $commands"

complete -c superctl -f
complete -c superctl -n $needs_one -a allow -d 'Deny a client no more'
complete -c superctl -n $needs_one -a denied -d 'Who is denied, and for how long'
complete -c superctl -n $needs_one -a deny -d 'Refuse a client everywhere'
complete -c superctl -n $needs_one -a disable -d 'Close a service until the next reload'
complete -c superctl -n $needs_one -a drain -d 'Stop a service and wait for its sessions'
complete -c superctl -n $needs_one -a enable -d 'Open what was disabled or stopped'
complete -c superctl -n $needs_one -a events -d 'Each event of the log, as it comes'
complete -c superctl -n $needs_one -a explain -d 'What its texts say of a service, and where'
complete -c superctl -n $needs_one -a help -d 'Print the commands and options'
complete -c superctl -n $needs_one -a kill -d 'End sessions'
complete -c superctl -n $needs_one -a list -d 'One line per service'
complete -c superctl -n $needs_one -a log-level -d 'What is logged at least'
complete -c superctl -n $needs_one -a metrics -d 'Counters and gauges, for Prometheus'
complete -c superctl -n $needs_one -a ping -d 'Ask whether superd answers'
complete -c superctl -n $needs_one -a reload -d 'Reread the configuration'
complete -c superctl -n $needs_one -a sessions -d 'Who is served now'
complete -c superctl -n $needs_one -a set -d 'Other limits until the next reload'
complete -c superctl -n $needs_one -a show -d 'Everything about one service'
complete -c superctl -n $needs_one -a status -d 'superd itself, and the list'
complete -c superctl -n $needs_one -a stop -d 'Close a service until it is enabled'
complete -c superctl -n $needs_one -a upgrade -d 'Go on as another program'
complete -c superctl -n $needs_one -a watch -d 'The list, again and again'
complete -c superctl -n $needs_one -a why -d 'What a client would meet at a service'
complete -c superctl -n '__fish_seen_subcommand_from why' -l at -x -d 'At this time of day'
complete -c superctl -n '__fish_seen_subcommand_from disable drain enable events explain kill sessions set show stop why' -a '(__superctl_ids)'
complete -c superctl -n '__fish_seen_subcommand_from reload' -l dry-run -d 'Only show what would change'
complete -c superctl -n '__fish_seen_subcommand_from drain' -l all -d 'All services'
complete -c superctl -n '__fish_seen_subcommand_from deny' -l for -x -d 'For so long'
complete -c superctl -n '__fish_seen_subcommand_from allow' -a "(command superctl --no-header denied 2>/dev/null | string replace -r ' .*' '')"
complete -c superctl -n '__fish_seen_subcommand_from disable enable' -l save -d 'In the configuration, too'
complete -c superctl -n '__fish_seen_subcommand_from kill' -l signal -x -d 'Which signal'
complete -c superctl -l json -d 'Answer in JSON'
complete -c superctl -l no-header -d 'No header line'
complete -c superctl -l no-trunc -d 'Full lines, even on a terminal'
complete -c superctl -s q -l quiet -d 'The exit status is the answer'
complete -c superctl -s s -l socket -r -F -d 'The control socket'
complete -c superctl -s t -l timeout -x -d 'How long to wait for superd'
complete -c superctl -s h -l help -d 'Print the commands and options'
complete -c superctl -s V -l version -d 'Print the version'
complete -c superctl -n '__fish_seen_subcommand_from log-level' -a 'debug info warning error'
