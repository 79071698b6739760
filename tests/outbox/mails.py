"""Mails that tests of the local mailbox send and look at."""

from email.message import EmailMessage


def a_mail(subject: str = "Reminder: Tuesday 24 November, 10:00", html: str = "<p>Hello Zoë</p>") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Beside <hello@beside.test>"
    mail["To"] = "Zoë Example <zoe@example.org>"
    mail["Subject"] = subject
    mail["Message-ID"] = "<1@beside.test>"
    mail["List-Unsubscribe"] = "<http://localhost:8000/m/abc/>, <mailto:stop@beside.test>"
    mail.set_content("Hello Zoë & all,\n\nopen http://localhost:8000/x/abc/.\n")
    if html:
        mail.add_alternative(html, subtype="html")
    return mail
