"""An SMTP server for the tests: `mail_server.py PORT FOLDER [CERTIFICATE KEY]`.

aiosmtpd with a mailbox: each letter is a file of the folder, in the order in which they came. With a certificate it takes letters only after
STARTTLS and signing in as `club` with `right`. What stands before the @ of an address says what becomes of a letter to it: `gone` and `policy` are
refused, `full` is for later, `spam` is refused when all of it has come, `busy` is for later then; after `lost` the connection ends without a word, and so it
does after `away`, before the letter.
"""

import asyncio
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

AT_ONCE = {
    "gone": "550 5.1.1 nobody of this name: gone@example.com",
    "policy": "554 5.7.1 relay access denied",
    "full": "452 4.2.2 the mailbox is full",
}
AT_THE_END = {"spam": "554 5.6.0 not this", "busy": "451 4.3.0 later"}


class Mailbox:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "away":
            server.transport.abort()
            return "421 away"
        if name in AT_ONCE:
            return AT_ONCE[name]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        if name in AT_THE_END:
            return AT_THE_END[name]
        self.count += 1
        file = os.path.join(self.folder, f"{self.count:04}.eml")
        with open(file + ".part", "wb") as out:
            peer = session.peer[1]
            out.write(f"X-Connection: {peer}\r\nX-From: {envelope.mail_from}\r\n".encode() + envelope.content)
        os.rename(file + ".part", file)
        if name == "lost":
            server.transport.abort()
        return "250 OK"


def signs_in(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"club", b"right")
    return AuthResult(success=good, handled=False)


async def main():
    port, folder = int(sys.argv[1]), sys.argv[2]
    mailbox = Mailbox(folder)
    rules = {"hostname": "mail.test", "enable_SMTPUTF8": False}
    if len(sys.argv) > 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
        rules |= {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": signs_in}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailbox, **rules), "127.0.0.1", port)
    with open("mail.pid", "w") as file:
        file.write(f"{os.getpid()}\n")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
