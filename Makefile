# One word for each thing that people do here; `make help` lists them. Everything is installed into the checkout by the first target that needs it.
#
#   AIRFLOW_ENV=prod make synth     another environment of environments/ (default: dev)
#   make deploy STACKS=platform     one stack alone: infrastructure (AWS), platform (Airflow); default: both, in order.
#                                   `destroy` refuses to take infrastructure away alone, while there may be a platform on it
#   make test ARGS="-k network"     further arguments for pytest or cdktf
#   make setup PYTHON=python3.12    the Python to use

AIRFLOW_ENV ?= dev
export AIRFLOW_ENV
STACKS ?= infrastructure platform
ARGS ?=
# An output folder per environment: in a shared one Terraform would mix up their states.
output = cdktf.out/$(if $(AIRFLOW_ENV_FILE),$(basename $(notdir $(AIRFLOW_ENV_FILE))),$(AIRFLOW_ENV))
file = $(or $(AIRFLOW_ENV_FILE),environments/$(AIRFLOW_ENV).yaml)
chosen = $(if $(AIRFLOW_ENV_FILE),AIRFLOW_ENV_FILE=$(AIRFLOW_ENV_FILE),AIRFLOW_ENV=$(AIRFLOW_ENV))
json = $(or $(CDKTF_OUTDIR),$(output))/stacks

# cdktf deploys one stack without the other only when told so. Never told so for both: it then runs them at once, in no order.
alone = $(if $(filter 1,$(words $(STACKS))),--ignore-missing-stack-dependencies)

.DEFAULT_GOAL := help
.PHONY: help setup synth deploy destroy bootstrap ops demo test cluster soak check lint bench chart lock versions schema docs clean

# What the goals need beyond Python and git, checked before anything is installed. A local endpoint (AWS_ENDPOINT_URL) needs no AWS CLI.
needs := $(if $(filter demo test cluster deploy destroy bootstrap ops,$(MAKECMDGOALS)),terraform)
needs += $(if $(filter deploy destroy,$(MAKECMDGOALS)),$(if $(AWS_ENDPOINT_URL),,aws))

# Installed into the checkout for who tests, or builds the documents: tools and Airflow need environments of their own. AIRFLOW_VERSION is
# for tests/airflow on another one, `AIRFLOW_VERSION=3.4.0 make test ARGS=tests/airflow`.
all := checkov airflow airflow-3.2.2 cdktn mkdocs$(AIRFLOW_VERSION:%= airflow-%)
extras := $(if $(filter test,$(MAKECMDGOALS)), $(all),$(if $(filter docs,$(MAKECMDGOALS)), mkdocs))

# jsii, cdktf and the app that it runs find the checkout's own Python and Node.js first. Node.js would warn of deprecated calls inside jsii.
# Python keeps what it has compiled, whatever the caller's shell says: the tests start hundreds of processes that need the same.
run := NODE_NO_WARNINGS=1 PYTHONDONTWRITEBYTECODE= PATH="$(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$$PATH"
python := $(run) .venv/bin/python
# No questions to the Internet whether there is a newer cdktf or Terraform, no usage reports.
quiet := CHECKPOINT_DISABLE=1 DISABLE_VERSION_CHECK=1

# Terraform's log shows secret values in clear: it is off, as in programs/terraform_log.py, which says so.
logs := $(sort $(filter TF_LOG% TF_ACC_LOG%,$(.VARIABLES)))
logless := $(if $(if $(GITHUB_ACTIONS),,$(AIRFLOW_WITH_TERRAFORM_LOG)),,$(if $(logs),env $(logs:%=-u %)))

# Terraform waits more than it works: files of tests run beside each other, three for a core. Each needs up to 1 GB.
parallel := -n 6 --dist loadfile --no-loadscope-reorder
# Tests that don't start Terraform only work, and each process first collects them all.
busy := -n auto --maxprocesses 6 --dist loadfile --no-loadscope-reorder

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do printf '  make %-9s %s\n' "$$name" "$$text"; done

setup: ## install pipenv, the Python packages, Node.js and cdktf-cli into the checkout (every target does it when needed)
	@python=$$(sh tooling/prerequisites.sh $(needs)) && "$$python" -m tooling.install$(extras)

synth: setup ## generate the Terraform JSON into cdktf.out/<environment>
	@echo "... synthesizing $(file)" >&2
	@$(python) main.py
	@echo "Terraform JSON of $(file): $(json)/infrastructure/cdk.tf.json and $(json)/platform/cdk.tf.json"
	@echo "Next: $(chosen) make ops COMMAND=preflight says whether a deploy can succeed; then $(chosen) make deploy"

deploy: setup ## deploy to the AWS account of the environment file
	@$(python) -m ops.preflight.deployable $(STACKS)
	@$(quiet) $(run) $(logless) cdktf deploy $(STACKS) $(alone) --output "$(output)" $(ARGS)

destroy: setup ## destroy what deploy has made; what stays is in docs/destroy.md
	@$(python) -m ops.destruction.destroyable
	@$(quiet) $(run) $(logless) cdktf destroy $(STACKS) --output "$(output)" $(ARGS)

bootstrap: setup ## once, by an administrator: state bucket and roles for GitHub's workflows (docs/bootstrap.md)
	@$(quiet) $(python) -m bootstrap $(ARGS)

ops: setup ## what `python -m ops` does, for instance make ops COMMAND="status --drift"
	@$(quiet) $(python) -m ops $(COMMAND)

demo: setup ## the whole cycle on a local AWS endpoint: deploy, plan, describe, destroy
	@$(quiet) $(python) -m tooling.demo

test: setup ## all tests that can run on this machine
	@$(quiet) $(python) -m pytest -rs $(parallel) $(ARGS)

cluster: setup ## tests/cluster/ on a Kubernetes API of its own, where the network has kwok, providers and charts
	@$(quiet) $(python) -m tooling.hollow_cluster $(ARGS)

soak: setup ## the long runs, 10,000 environment files among them; SEED=... replays one
	@seed=$${SEED:-$$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}; echo "Seed $$seed; the same run again: make soak SEED=$$seed"; \
	HYPOTHESIS_PROFILE=soak $(quiet) $(python) -m pytest -rs -m soak --hypothesis-seed=$$seed -o faulthandler_timeout=0 $(ARGS)

lint: setup
	@$(python) -m ruff check
	@$(python) -m ruff format --check
	@$(python) -m mypy

check: setup lint ## lint, types, unit and synth tests: what to run before a commit
	@$(quiet) $(python) -m pytest -q $(busy) -m "not slow and not soak" $(wildcard tests/unit tests/synth tests/tooling) $(ARGS)

bench: setup ## what a synth costs, cold and warm
	@$(python) -m tooling.bench

chart: setup ## download the released charts: then values are checked against the schema, and tests and demo render it
	@$(python) -m tooling.chart

lock: setup ## bring every locked package to the newest that Pipfile and package.json allow
	@$(python) -m tooling.lock

versions: setup ## write the table of versions anew from public sources, and show what is new
	@$(python) -m tooling.versions $(ARGS)

schema: setup ## write environments/schema.json, for editors, and the reference in docs/environment-file.md
	@$(python) -m constructs.settings > environments/schema.json
	@$(python) -m tooling.environment_reference

docs: setup ## build the site of the documents into site/; ARGS=--serve shows it
	@$(python) -m tooling.site $(ARGS)

clean: ## remove what was generated and cached; not the set-up, not state/
	@rm -rf cdktf.out site .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -not -path './.venv/*' -not -path './.tools/*' -not -path './node_modules/*' -prune -exec rm -rf {} +
