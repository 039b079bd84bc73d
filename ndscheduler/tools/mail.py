"""[compat] Sending mail from job classes, through the servers of the setting MAIL_SERVER."""

from __future__ import annotations

from collections.abc import Sequence

from ndscheduler.tools import smtp

COMMASPACE = ", "


def send(
    mail_from: str,
    mail_to: Sequence[str],
    subject: str,
    text: str,
    priority: int = 3,
    attachments: Sequence[str] = [],
) -> dict[str, tuple[int, bytes]]:
    """Send a mail of plain text; `attachments` are paths of files.

    `priority` is 1 (highest) to 5. Returns the recipients that the server refused, {} when it
    took all. Raises MailNotSent when no server took the mail, ValueError for a bad address,
    OSError for a file that can not be read.
    """
    from ndscheduler import settings

    recipients = mail_to.split(COMMASPACE) if isinstance(mail_to, str) else list(mail_to)
    message = smtp.compose(mail_from, recipients, subject, text)
    message["X-Priority"] = str(int(priority))
    for path in attachments:
        smtp.attach(message, path)
    return smtp.deliver(message, settings.MAIL_SERVER)
