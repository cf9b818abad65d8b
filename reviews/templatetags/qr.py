"""The key of a second step, as its page shows it: a square to scan, and text to type."""

from itertools import groupby
from typing import Any

import qrcode
from django import template

register = template.Library()


@register.inclusion_tag("mfa/_qr.html")
def qr_code(content: str) -> dict[str, Any]:
    """`{% qr_code totp_url %}`: the text as a QR code, drawn inline as SVG."""
    code = qrcode.QRCode()
    code.add_data(content)
    code.make()
    rows = code.get_matrix()
    path = "".join(f"M0 {y}{_row(row)}" for y, row in enumerate(rows))
    return {"side": str(len(rows)), "path": path}


def _row(row: list[bool]) -> str:
    """Each run of dark modules as a bar, each run of light ones as a step to the right."""
    drawn = ""
    for is_dark, modules in groupby(row):
        n = len(list(modules))
        drawn += f"v1h{n}v-1" if is_dark else f"m{n} 0"
    return drawn


@register.simple_tag
def in_fours(key: str) -> str:
    """`{% in_fours form.secret %}`: `ABCD EFGH …`, as people copy it."""
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))
