# How this machine reaches packages, for roots of another system: to be sourced.

mirror() {  # of Debian; nothing where apt names none
  { apt-get indextargets --format '$(ORIGIN) $(COMPONENT) $(REPO_URI)' ||
    true; } | sed -n '/security/d; s/^Debian main //p' | sed -n 1p
}

# How this machine's pip reaches its index; paths of its own are no use there.
pip_settings() {
  python3 -E -s \
    "$(dirname "${BASH_SOURCE[0]}")/../constraints/package_sources.py" ||
    echo "[global]"
}

make_debian_13() {  # folder, packages with commas between them
  command -v debootstrap >/dev/null || {
    echo "error: debootstrap is missing: apt-get install debootstrap" >&2
    return 1
  }
  rm -rf "$1"
  mkdir -p "$1"
  local from
  from=$(mirror)
  debootstrap --variant=minbase --include="$2" trixie "$1" ${from:+"$from"} \
    >"$1.log" 2>&1 || {
    echo "error: debootstrap failed: $1.log" >&2
    return 1
  }
}
