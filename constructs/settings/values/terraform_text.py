"""A user's text on its way into Terraform's language."""

from __future__ import annotations


def terraform_literal(text: str) -> str:
    """Return `text` escaped so that Terraform reads it as that very text, never as a template.

    `${` and `%{` open an interpolation and a directive; doubling the first character is Terraform's escape for both
    (https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences). The reader takes the two
    characters next to the brace, so text that is doubled already (`$${`) comes back as it was, too.
    """
    return text.replace("${", "$${").replace("%{", "%%{")
