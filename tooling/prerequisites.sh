#!/bin/sh
# Checks what the machine has to bring, before anything is installed, and prints the path of the Python to use.
#
#   sh tooling/prerequisites.sh [terraform] [aws]
#
# Always needed: Python >= 3.11 (the variable PYTHON names one), git. By argument: Terraform >= 1.11, or OpenTofu >= 1.11 where cdktf's variable
# TERRAFORM_BINARY_NAME names it (tofu, or a path); AWS CLI v2. Whatever is missing or too old is named in one message on standard error, and the exit code is 1. Shell and not Python, because Python itself may be what is missing.
set -u

missing=""
lack() { # what is wrong, how to get it
    missing="$missing
  - $1
      $2"
}

# Whether version $1 (like 1.11.4 or 1.12.0-rc1) is at least $2.$3; false for text that is no version.
at_least() {
    major=${1%%.*}
    minor=${1#*.}
    minor=${minor%%.*}
    case "$major$minor" in '' | *[!0-9]*) return 1 ;; esac
    [ "$major" -gt "$2" ] || { [ "$major" -eq "$2" ] && [ "$minor" -ge "$3" ]; }
}

# Prints the version and the path of the interpreter behind the command $1, past any virtual environment; fails where it does not run.
describe_python() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2]); print(getattr(sys, "_base_executable", sys.executable))' 2>/dev/null
}

python=""
old_python=""
find_python() {
    for candidate in "$@"; do
        description=$(describe_python "$candidate") || continue
        version=$(printf '%s\n' "$description" | head -n 1)
        if at_least "$version" 3 11; then
            python=$(printf '%s\n' "$description" | tail -n 1)
            return
        fi
        old_python="${old_python:+$old_python, }$candidate is $version"
    done
}

python_advice="python.org/downloads; Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python; or name one: make PYTHON=/path/to/python3"
if [ -n "${PYTHON:-}" ]; then
    find_python "$PYTHON"
    [ -n "$python" ] || lack "Python >= 3.11: PYTHON=$PYTHON ${old_python:+is too old (}${old_python:-does not run}${old_python:+)}" "$python_advice"
else
    find_python python3 python3.13 python3.12 python3.11
    [ -n "$python" ] || lack "Python >= 3.11: ${old_python:-none found on PATH}" "$python_advice"
fi
# Debian packs the two modules apart from Python.
if [ -n "$python" ] && ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    lack "Python's modules venv and ensurepip: $python comes without them" "Debian, Ubuntu: apt install python3-venv"
fi

command -v git >/dev/null 2>&1 || lack "git: not found on PATH" "git-scm.com/downloads; Debian, Ubuntu: apt install git; macOS: brew install git"

for tool in "$@"; do
    case $tool in
    terraform)
        program=${TERRAFORM_BINARY_NAME:-terraform}
        case ${program##*/} in
        *tofu*) name=OpenTofu advice="opentofu.org/docs/intro/install; macOS: brew install opentofu; or unset TERRAFORM_BINARY_NAME for Terraform" ;;
        *) name=Terraform advice="developer.hashicorp.com/terraform/install; macOS: brew install hashicorp/tap/terraform" ;;
        esac
        if command -v "$program" >/dev/null 2>&1; then
            # `Terraform v1.11.4` or `OpenTofu v1.11.5`, perhaps followed by a hint that a newer one is out.
            version=$(CHECKPOINT_DISABLE=1 "$program" version 2>/dev/null | sed -n '1s/^[A-Z][A-Za-z]* v//p')
            at_least "$version" 1 11 || lack "$name >= 1.11: found ${version:-one that does not tell its version} ($(command -v "$program"))" "$advice"
        else
            lack "$name >= 1.11: not found on PATH${TERRAFORM_BINARY_NAME:+ (TERRAFORM_BINARY_NAME is $program)}" "$advice"
        fi
        ;;
    aws)
        advice="docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html; macOS: brew install awscli"
        if command -v aws >/dev/null 2>&1; then
            # `aws-cli/2.15.0 Python/3.11.6 ...`
            version=$(aws --version 2>&1 | sed -n '1s|^aws-cli/\([^ ]*\).*|\1|p')
            at_least "$version" 2 0 || lack "AWS CLI v2: found ${version:-one that does not tell its version} ($(command -v aws))" "$advice"
        else
            lack "AWS CLI v2: not found on PATH" "$advice"
        fi
        ;;
    *)
        printf 'prerequisites.sh: unknown argument %s; known: terraform, aws\n' "$tool" >&2
        exit 2
        ;;
    esac
done

if [ -n "$missing" ]; then
    printf 'Nothing was installed yet. This machine lacks:%s\n' "$missing" >&2
    exit 1
fi
printf '%s\n' "$python"
