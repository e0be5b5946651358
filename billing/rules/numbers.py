"""Numbers of documents. The counter behind them is taken in the finalizing transaction, so that none is left out."""

INVOICE, CREDIT_NOTE = "", "CN-"
DIGITS = 5


def document_number(mark: str, series: str, count: int) -> str:
    """The number of the count-th document, from 1: AR-00001, AR-CN-00001. It names no year, so none begins anew.

    `mark` is the organization's, `series` INVOICE or CREDIT_NOTE. Raises ValueError below 1.
    """
    if count < 1:
        raise ValueError("Documents are counted from 1.")
    return f"{mark}-{series}{count:0{DIGITS}d}"
