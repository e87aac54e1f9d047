# {{v}} in a comment; $(touch X)
f() { printf '%s\0' "$1"; }
printf '%s\0' {{v}} {{v}}{{v}} x{{v}}y "x{{v}}y" 'x{{v}}y' $'x{{v}}y' "a"'b'{{v}}"c"
printf '%s\0' "$x{{v}}" "${x}{{v}}" "\\{{v}}" "$(printf %s a)"{{v}} "$""{{v}}" $#{{v}} "$#{{v}}" $"{{v}}"
a={{v}} b="{{v}}" c='{{v}}'; export d={{v}} # '
e=$(printf %s. {{v}} "{{v}}") # "
printf '%s\0' "$a" "$b" "$c" "$d" "$e"
case {{v}} in {{v}}) printf '%s\0' same;; *) printf '%s\0' other;; esac # {{v}}
[[ {{v}} == {{v}} ]] && printf '%s\0' same
f {{v}}; (f {{v}}); { f {{v}}; }
for i in {{v}}; do f "$i"; done
cat <<'END' >/dev/null; f {{v}}
don't "touch $(touch X)
END
l=(p {{v}}); f "${l[1]}"; f "${#l[@]}" # "
((1 < 2)) && f {{v}}; f "$((1 + 2))"{{v}}
f \
  {{v}}
f "${x:-"y"}{{v}}" {{v}}; cat <<<{{v}} | { read -r _; f {{v}}; }
