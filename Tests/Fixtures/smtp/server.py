"""A real SMTP server (aiosmtpd) for tests: says its port, then each mail as one line of JSON.

Usage: server.py plain | starttls FOLDER

With starttls it writes its own certificate to FOLDER/ca.pem, takes nothing before STARTTLS, and
wants the login daybook / open-sesame. Receivers decide what happens: `refused@…` is refused for
good, `later@…` for now, `hang@…` is never answered.
"""

import asyncio
import datetime
import ipaddress
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 nobody here is called PATIENT-NAME"
        if address.startswith("later@"):
            return "451 4.3.0 not now"
        if address.startswith("hang@"):
            print(json.dumps({"hangs": address}), flush=True)
            await asyncio.Event().wait()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "isTLS": session.ssl is not None,
            "user": (session.auth_data or b"").decode() if session.authenticated else "",
            "content": envelope.content.decode("ascii"),
        }
        print(json.dumps(mail), flush=True)
        return "250 2.0.0 taken"


def login(server, session, envelope, mechanism, data):
    good = data.login == b"daybook" and data.password == b"open-sesame"
    return AuthResult(success=good, handled=False, auth_data=data.login if good else None)


def certificate(folder):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.utcnow()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    with open(folder + "/ca.pem", "wb") as file:
        file.write(made.public_bytes(serialization.Encoding.PEM))
    with open(folder + "/key.pem", "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder + "/ca.pem", folder + "/key.pem")
    return context


async def main():
    options = {"hostname": "test.example.org", "loop": asyncio.get_running_loop()}
    if sys.argv[1] == "starttls":
        options.update(
            tls_context=certificate(sys.argv[2]),
            require_starttls=True,
            authenticator=login,
            auth_required=True,
        )
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Handler(), **options), "127.0.0.1", 0
    )
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


asyncio.run(main())
