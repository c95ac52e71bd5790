echo "Welcome to $(hostname), today is a fine day"
echo "NOTICE: authorised use only" >&2
printf 'last line without its end'
printf '\033[31mred\033[0m {"frame": true}\n'
