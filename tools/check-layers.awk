# Do includes point the way tools/layers.txt says?
# Usage: awk -f tools/check-layers.awk tools/layers.txt $(git ls-files 'src/*.[ch]')
function complain(text) { print FILENAME ":" FNR ": " text; bad = 1 }

FNR == NR {
    sub(/#.*/, "")
    if (NF == 0) next
    known[$1]
    for (i = 3; i <= NF; i++)
        if ($i ~ /^</) home[substr($i, 2)] = home[substr($i, 2)] " " $1 " "
        else if ($i in known) may[$1, $i]
        else complain($1 " names " $i ", which is not above it")
    next
}
/^#[ ]*include/ {
    from = split(FILENAME, path, "/") > 2 ? path[2] : "cli" # src/main.c is the door of cli
    name = $0; gsub(/^#[ ]*include[ ]*["<]|[">].*/, "", name)
    into = name; sub(/\/.*/, "", into)
    if ($0 ~ /"/ && from != into) {
        if (!(from in known) || !((from, into) in may)) complain(from " may not include " name)
        if (name ~ /_internal\.h$/) complain(name " is private to " into)
    }
    if ($0 ~ /</) {
        best = ""
        for (h in home) if (index(name, h) == 1 && length(h) > length(best)) best = h
        if (best != "" && index(home[best], " " from " ") == 0) complain(from " may not include <" name ">")
    }
}
END { exit bad }
