"""The token of a report, from the preview and the stack's file."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_flyte_review.binding.token import token_of
from pulumi_flyte_review.engine.configuration import read_ciphertexts, stack_file
from pulumi_flyte_review.engine.project import project_around
from pulumi_flyte_review.engine.pulumi import Program
from pulumi_flyte_review.model.preview import Preview


def token_text(preview: Preview, program: Program) -> str:
    """Return the token of a preview of a program."""
    return str(token_of(preview, ciphertexts_of(program, preview.stack)))


def ciphertexts_of(program: Program, stack: str) -> Mapping[str, str]:
    """Return the encrypted texts of the stack's configuration."""
    project = project_around(program.folder)
    return {} if project is None else read_ciphertexts(project, stack_file(project, stack))
