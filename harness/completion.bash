# SPDX-License-Identifier: GPL-2.0-or-later
# completion - what bash offers after `finrig`; asks finrig itself, so no list is kept here
_finrig()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}

	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W "$(finrig --help | sed -n 's/^  \([a-z]*\) .*/\1/p')" -- "$word"))
	elif [[ $word == -* ]]; then
		COMPREPLY=($(compgen -W "$(finrig "$command" --help | grep -o -- '--[a-z-]*')" -- "$word"))
	elif [[ $before == -k || $before == --kernel || $command == shell || $command == image || $command == source ]]; then
		COMPREPLY=($(compgen -W "$(finrig kernels | sed -n 's/^\([^ ]*\) .*/\1/p')" -- "$word"))
	elif [[ $command == run || $command == inject ]]; then
		COMPREPLY=($(compgen -W "$(finrig cases | sed -n 's/^\([^ ]*\) .*/\1/p')" -- "$word") $(compgen -f -X '!*.pkt' -- "$word"))
	else
		COMPREPLY=($(compgen -f -- "$word"))
	fi
}
complete -F _finrig finrig
