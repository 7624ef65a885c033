#!/bin/sh
# Removes the environments and what building leaves behind, by name, so that
# nothing that someone else put there goes. `.venv` goes if it leads to one.
unset CDPATH
cd "$(dirname "$0")/.." || exit 2
case $(readlink .venv) in
  .venvs/* | "$PWD"/.venvs/*) rm .venv ;;
esac
rm -rf .pytest_cache latent_labels.egg-info \
  .venvs/tfx-* .venvs/uv-* .venvs/audit .venvs/lock .venvs/link-*
for folder in build dist; do  # Not of a folder elsewhere.
  [ -L "$folder" ] || rm -rf "$folder"/lib "$folder"/lib.* "$folder"/bdist.* \
    "$folder"/temp.* "$folder"/__editable__.* "$folder"/latent_labels-*
done
rmdir .venvs build dist 2>/dev/null
exit 0
